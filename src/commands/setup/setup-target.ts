import type { Caller } from '../../aws-api/caller.ts';
import { AwsOidcError } from '../../errors.ts';
import type { TrustTarget } from '../../trust-policy/generate.ts';
import { invalid } from '../input/text-file.ts';
import { readTrustTarget } from '../trust-policy/trust-target.ts';
import type { SetupProject } from './find-project.ts';
import { roleNameFor } from './role-name.ts';
import type { SetupFlags } from './setup-flags.ts';

/**
 * Checks what the role should trust, and where it is.
 *
 * @throws {AwsOidcError} `INVALID_INPUT` with all problems, also if the credentials are of another account than `--account`
 */
export function readSetupTarget(
  flags: SetupFlags,
  project: SetupProject,
  { account, partition, arn }: Caller,
): TrustTarget {
  if (flags.account !== undefined && flags.account !== account) {
    throw new AwsOidcError(
      'INVALID_INPUT',
      `These AWS credentials are of the account ${account}, not ${flags.account}.`,
      {
        lines: [arn],
        hint: 'Choose another --profile. Nothing was changed.',
      },
    );
  }
  const given = flags.partition;
  if (given !== undefined && given !== partition) {
    const hint = `These credentials are of the partition ${partition}. Nothing was changed.`;
    throw invalid('--partition', 'must be the partition of the credentials', hint, given);
  }
  if (flags.audience !== undefined && !/^[\x21-\x7e]+$/.test(flags.audience)) {
    throw invalid(
      '--audience',
      'must be text without spaces',
      'For example https://gitlab.example.com.',
      flags.audience,
    );
  }
  return readTrustTarget(
    {
      issuer: project.instance,
      project: project.path,
      audience: flags.audience,
      account,
      partition,
      projectId: project.projectId,
      namespaceId: project.namespaceId,
      branch: project.branches.length > 0 ? project.branches : undefined,
      tag: project.tags.length > 0 ? project.tags : undefined,
      roleName: flags.roleName ?? roleNameFor(project.path),
      duration: flags.duration,
      provider: flags.provider,
    },
    {},
  );
}

import type { Caller } from '../../aws-api/caller.ts';
import { AwsOidcError } from '../../errors.ts';
import type { TrustTarget } from '../../trust-policy/generate.ts';
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

import type { Role } from '../../aws-api/iam.ts';
import { AwsOidcError } from '../../errors.ts';
import { projectTag } from './role-steps.ts';
import type { Step } from './step.ts';

/** The role that exists, and what is planned for it. */
export interface ExistingRole {
  readonly role: Role;
  readonly steps: readonly Step[];
  /** The project that the role is meant for. */
  readonly project: string;
  /** The user asked to change it. */
  readonly updateRole: boolean;
}

/**
 * Checks that a role that exists may be changed as planned. A role that setup made for the same project may get what it
 * lacks, so that an interrupted setup continues; everything else must be asked for.
 *
 * @throws {AwsOidcError} `REFUSED`, with the changes
 */
export function checkExistingRole({ role, steps, project, updateRole }: ExistingRole): void {
  const changes = steps.filter(({ change }) => change !== 'none');
  const owner = role.tags[projectTag];
  const isOwn = owner === project;
  if (updateRole || changes.every(({ change }) => isOwn && change === 'create')) return;
  const whose = owner === undefined ? 'setup did not create it' : `it was created for ${owner}`;
  const name = role.arn.slice(role.arn.lastIndexOf('/') + 1);
  throw new AwsOidcError(
    'REFUSED',
    `The role ${name} exists and differs${isOwn ? '' : `; ${whose}`}. Nothing was changed.`,
    {
      lines: [
        role.arn,
        ...changes.flatMap(({ title, lines }) => [title, ...lines.map((line) => `  ${line}`)]),
      ],
      hint: isOwn
        ? 'To change it as shown, add --update-role.'
        : 'Choose another name with --role-name; to change this role as shown, add --update-role.',
    },
  );
}

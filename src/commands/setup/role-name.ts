import { createHash } from 'node:crypto';

const maxCharacters = 64;

/** A role name for a project: `gitlab-group-project`, shortened with a hash if IAM's limit requires it. */
export function roleNameFor(projectPath: string): string {
  const name = `gitlab-${projectPath.replace(/[^\w+=,.@-]+/g, '-')}`;
  if (name.length <= maxCharacters) return name;
  const hash = createHash('sha256').update(projectPath).digest('hex').slice(0, 8);
  return `${name.slice(0, maxCharacters - hash.length - 1)}-${hash}`;
}

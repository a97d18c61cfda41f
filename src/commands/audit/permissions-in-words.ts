import type { Permissions } from '../../permissions/worst-case.ts';

const words: Readonly<Record<Permissions['level'], string>> = {
  administrator: 'everything (administrator)',
  'privilege-escalation': 'get the permissions of others (privilege escalation)',
  'iam-write': 'change IAM',
  'full-service': 'everything in a service',
  limited: 'some actions that change something',
  'read-only': 'only read',
  none: 'nothing',
  unknown: 'unknown',
};

const maxShown = 4;

/** What a role may do at worst, one line for each part. */
export function permissionsInWords({ level, because, unread, limitedBy }: Permissions): readonly string[] {
  const shown = because.slice(0, maxShown).join(', ');
  const more = because.length > maxShown ? `, and ${because.length - maxShown} more` : '';
  return [
    `${words[level]}${shown === '' ? '' : `: ${shown}${more}`}`,
    ...(limitedBy === undefined ? [] : [`limited by the permissions boundary ${limitedBy}`]),
    ...(unread.length === 0
      ? []
      : [`possibly more, because these policies were not read: ${unread.join(', ')}`]),
  ];
}

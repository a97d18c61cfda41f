import { consoleUrl } from '../../identity/aws-console.ts';
import { printable } from '../../output/printable.ts';
import type { Link } from '../../text/link-annotations.ts';
import { severities } from '../../trust-policy/rule.ts';
import type { AuditReport } from './audit-report.ts';
import { worstSeverity } from './finding.ts';

/** The page of a job has room for a few. */
const maxLinks = 20;
const maxLabelLength = 200;

/** Links to the roles with findings that the baseline does not have, in the AWS Management Console, worst first. */
export function roleLinks({ accounts, baseline }: AuditReport): readonly Link[] {
  const roles = accounts.flatMap((account) => account.roles);
  const linked = roles.flatMap(({ role, account, findings }) => {
    const severity = worstSeverity(findings.filter((one) => baseline?.has(one) !== true));
    const [, partition = ''] = role.arn.split(':');
    const url = consoleUrl(partition, undefined, '/iam/home');
    if (severity === undefined || url === undefined) return [];
    url.hash = `/roles/details/${encodeURIComponent(role.name)}`;
    const label = printable(`${severity}: ${role.name} in ${account}`, maxLabelLength);
    return [{ rank: severities.indexOf(severity), label, url: url.href }];
  });
  return linked
    .sort((a, b) => b.rank - a.rank)
    .slice(0, maxLinks)
    .map(({ label, url }) => ({ label, url }));
}

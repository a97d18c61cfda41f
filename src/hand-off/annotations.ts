import { consoleUrl } from '../identity/aws-console.ts';
import { formatLinks, noAnnotations } from '../text/link-annotations.ts';
import { formatExpiration, type Session } from './session.ts';

const heading = 'AWS role';

/**
 * A report for `artifacts:reports:annotations`: a link on the job's page to the events of this session in
 * CloudTrail's event history. Its text is the role, the account and the expiration.
 *
 * @returns JSON; without a link if the partition's console is not known
 */
export function formatAnnotations(session: Session): string {
  const [, partition = '', , , , , roleName = '', sessionName = ''] = session.assumedRoleArn.split(/[:/]/);
  const url = consoleUrl(partition, session.region, '/cloudtrailv2/home');
  if (url === undefined) return noAnnotations;
  const until = formatExpiration(session.expiration);
  url.searchParams.set('region', session.region);
  // for an assumed role, CloudTrail's "user name" is the session name
  url.hash = `/events?Username=${encodeURIComponent(sessionName)}`;
  const label = `${roleName} in ${session.account} until ${until}`;
  return formatLinks(heading, [{ label, url: url.href }]);
}

/** GitLab's documentation of this exchange, at its section on troubleshooting. */
const explanationUrl = 'https://docs.gitlab.com/ci/cloud_services/aws/#troubleshooting';

/** GitLab accepts at most 255 characters. */
const maxLabelLength = 200;

/**
 * The same report after a refusal: a link to the documentation, with the reason as its text.
 *
 * @param reason one line that is safe to show
 */
export function formatRefusalAnnotations(reason: string): string {
  const label = reason.length > maxLabelLength ? `${reason.slice(0, maxLabelLength - 1)}…` : reason;
  return formatLinks(heading, [{ label: `refused: ${label}`, url: explanationUrl }]);
}

import { gzipSync } from 'node:zlib';
import { AwsOidcError } from '../errors.ts';
import { dotenvLines, maxDotenvBytes } from './dotenv.ts';
import { formatExpiration } from './session.ts';

/** The variable that the GitLab runner reads before it pulls the image of a job. */
const authConfig = 'DOCKER_AUTH_CONFIG';

/**
 * Credentials of registries as a report for `artifacts:reports:dotenv`. The other variables tell jobs whether another
 * variable replaced the first one, and until when it works.
 *
 * @param config a Docker configuration, which is JSON
 * @param hosts the registries whose credentials were added to it
 * @throws {AwsOidcError} `HAND_OFF_FAILED` if the report exceeds GitLab's limits
 */
export function formatRegistries(config: object, hosts: readonly string[], expiration: Date): string {
  const json = escaped(JSON.stringify(config));
  const report = dotenvLines([
    [authConfig, json],
    ['AWS_OIDC_DOCKER_LENGTH', String(json.length)],
    ['AWS_OIDC_DOCKER_REGISTRIES', hosts.join(',')],
    ['AWS_OIDC_DOCKER_EXPIRATION', formatExpiration(expiration)],
  ]);
  // GitLab compares its limit with the file that it stores, which the runner compresses
  const bytes = gzipSync(report).length;
  if (bytes < maxDotenvBytes) return report;
  throw new AwsOidcError(
    'HAND_OFF_FAILED',
    `A dotenv report must have less than ${maxDotenvBytes} bytes, compressed; this one has ${bytes}`,
    {
      hint: `Registries of one region share a token: list fewer regions. The entries that ${authConfig} had before also count.`,
    },
  );
}

/** JSON without the characters that a report cannot have, or that GitLab would expand. */
function escaped(json: string): string {
  return json.replace(/[^!-#%-~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

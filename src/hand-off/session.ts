/** Credentials, with the facts about them that jobs need. */
export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
  readonly region: string;
  readonly account: string;
  readonly assumedRoleArn: string;
}

/**
 * The variables that are handed on, in order. AWS_CREDENTIAL_EXPIRATION is the name that the AWS CLI
 * uses. AWS_OIDC_ACCESS_KEY_ID is a copy of the key ID, so that a job detects when a project variable
 * replaces AWS_ACCESS_KEY_ID.
 *
 * @param prefix prefix of each name
 */
export function sessionVariables(session: Session, prefix: string): readonly (readonly [string, string])[] {
  const variables = {
    AWS_ACCESS_KEY_ID: session.accessKeyId,
    AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
    AWS_SESSION_TOKEN: session.sessionToken,
    AWS_REGION: session.region,
    AWS_DEFAULT_REGION: session.region,
    AWS_ACCOUNT_ID: session.account,
    AWS_CREDENTIAL_EXPIRATION: formatExpiration(session.expiration),
    AWS_ASSUMED_ROLE_ARN: session.assumedRoleArn,
    AWS_OIDC_ACCESS_KEY_ID: session.accessKeyId,
  };
  return Object.entries(variables).map(([name, value]) => [`${prefix}${name}`, value]);
}

/** ISO 8601 in UTC without fractions, `2026-01-31T23:59:00Z`, so that a shell can compare it. */
export function formatExpiration(expiration: Date): string {
  return expiration.toISOString().replace(/\.\d+Z/, 'Z');
}

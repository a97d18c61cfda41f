/** An answer of STS, as far as an explanation needs it. */
export interface Refusal {
  /** STS's error code. */
  readonly code: string;
  readonly message: string;
}

/** What is known of the attempt. */
export interface Attempt {
  readonly account: string;
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly subject: string;
  readonly durationSeconds: number;
}

type Explain = (attempt: Attempt) => string;

/**
 * The usual cause of each error of AssumeRoleWithWebIdentity and what to do about it; the first row
 * that matches counts.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_Errors
 */
const explanations: readonly (readonly [code: string, message: RegExp, explain: Explain])[] = [
  [
    'AccessDenied',
    /sts:AssumeRoleWithWebIdentity/,
    ({ account, subject, audiences }) =>
      `STS says this when the role does not exist in account ${account}, or its trust policy does not match the token. ` +
      `Compare every condition, letter by letter, with sub "${subject}" and aud "${audiences.join('", "')}": tag or branch, ` +
      'upper and lower case, "*" only under StringLike. In a merge request pipeline the ref is the source branch.',
  ],
  [
    'AccessDenied',
    /sts:AssumeRole\b/,
    () =>
      'The first role may not assume the next one: its own policies must allow sts:AssumeRole on that role, and the ' +
      "next role's trust policy must name the first one, with the same external id.",
  ],
  [
    'InvalidIdentityToken',
    /No OpenIDConnect provider found/,
    ({ account, issuer }) =>
      `Create an IAM identity provider in account ${account} whose URL is exactly "${issuer}": same host, no other ` +
      'port, path or trailing slash. Check that the account is the one you mean.',
  ],
  [
    'InvalidIdentityToken',
    /Incorrect token audience/,
    ({ audiences }) =>
      `The token was sent for "${audiences.join('", "')}". Make the input "audience" equal to an audience of the IAM ` +
      'identity provider, or add this one there: letter by letter, with "https://", without a trailing slash.',
  ],
  [
    'InvalidIdentityToken',
    /retrieve verification key/,
    ({ issuer }) =>
      `STS could not fetch ${issuer}/.well-known/openid-configuration or the keys named there within 5 seconds. Both ` +
      'must be reachable from the internet, without a firewall that stops AWS.',
  ],
  [
    'InvalidIdentityToken',
    /thumbprint/,
    ({ issuer }) =>
      `The certificate of ${issuer} is not the one that the IAM identity provider knows. Update the provider's thumbprint.`,
  ],
  [
    'InvalidIdentityToken',
    /not a valid JWT/,
    () => 'The variable holds no ID token. Declare it under "id_tokens" in the job; CI_JOB_TOKEN is none.',
  ],
  [
    'InvalidIdentityToken',
    /Missing a required claim/,
    () => 'The token is of the old kind, CI_JOB_JWT. Declare one under "id_tokens" with "aud".',
  ],
  [
    'ExpiredTokenException',
    /(?:)/,
    () =>
      "The token expired before it was exchanged. It lives as long as the job's timeout: exchange it early, or make " +
      "the timeout longer. Compare this machine's clock too.",
  ],
  [
    'IDPCommunicationError',
    /(?:)/,
    ({ issuer }) =>
      `STS could not reach ${issuer}. It must be reachable from the internet; the next try may succeed.`,
  ],
  [
    'IDPRejectedClaim',
    /(?:)/,
    () => 'A claim of the token was rejected, is revoked or expired. Run the job again for a new token.',
  ],
  [
    'MalformedPolicyDocument',
    /(?:)/,
    () =>
      'The input "policy" is JSON, but no valid session policy: check Version, Effect, Action and Resource.',
  ],
  [
    'PackedPolicyTooLarge',
    /(?:)/,
    () =>
      'Session policies and tags are too large together once STS has packed them. Shorten "policy", or name managed ' +
      'policies in "policy_arns".',
  ],
  [
    'RegionDisabledException',
    /(?:)/,
    ({ account }) =>
      `STS is not active in this region for account ${account}. Activate it under IAM, account settings, or set the ` +
      'input "region" to one that is active.',
  ],
  [
    'ValidationError',
    /DurationSeconds exceeds the MaxSessionDuration/,
    ({ durationSeconds }) =>
      `The role allows less than ${durationSeconds} seconds. Lower the input "duration", or raise the role's maximum ` +
      'session duration. Chained sessions end after 3600 seconds.',
  ],
  [
    'ValidationError',
    /durationSeconds/i,
    () => 'Set the input "duration" to a number of seconds from 900 to 43200.',
  ],
  [
    'ValidationError',
    /roleSessionName/i,
    () => 'Set the input "session_name" to 2 to 64 letters, digits or _+=,.@-.',
  ],
  [
    'ValidationError',
    /Request ARN is invalid/,
    () => 'Check the input "role_arn": a variable inside it may be empty in this job.',
  ],
];

/** What to do about an error of STS, in words that name the values to compare; undefined where unknown. */
export function explainRefusal(refusal: Refusal, attempt: Attempt): string | undefined {
  const found = explanations.find(
    ([code, message]) => code === refusal.code && message.test(refusal.message),
  );
  return found?.[2](attempt);
}

import type { Cause } from '../errors.ts';
import type { Refusal, Situation } from './situation.ts';

/** Explains an error of STS, most likely cause first. */
export type Explain = (situation: Situation, refusal: Refusal) => readonly Cause[];

/**
 * Session tags and a source identity need an action of their own, for every chained role.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required
 */
export const tagSession: Explain = (_, { message: evidence }) => {
  const [action, name] = /sts:(\w+)/.exec(evidence) ?? [];
  const [, role] = / on resource: (\S+)/.exec(evidence) ?? [];
  const [input, off] = name === 'TagSession' ? ['session_tags', '[]'] : ['source_identity', "''"];
  const id = 'tag-session';
  if (role === undefined) {
    const summary = `The trust policy does not allow ${action}.`;
    return [{ id, summary, evidence, remedy: `Allow "${action}" in it.` }];
  }
  const [summary, where] = /identity-based/.test(evidence)
    ? [`The permissions of the role before ${role} do not allow ${action} on it.`, 'in them']
    : [
        `The trust policy of ${role} does not allow ${action}.`,
        'in it for the role before it in the chain, and in the permissions of that role',
      ];
  const remedy = `Allow "${action}" ${where}. Or set the input "${input}" to ${off}.`;
  return [{ id, summary, evidence, remedy }];
};

export const chainNotAllowed = cause(
  'chain-not-allowed',
  'The first role is not allowed to assume the next role.',
  message,
  "The first role's permissions policies must allow sts:AssumeRole on the next role, whose trust policy must allow the first, with the same external ID.",
);

export const keyRetrieval = cause(
  'key-retrieval',
  "STS could not fetch the issuer's keys.",
  ({ claims }) =>
    `It fetches ${claims.iss}/.well-known/openid-configuration and its jwks_uri over the internet, within 5 seconds each.`,
  'Make both URLs public, without a firewall, login or rate limit for AWS, and with a complete certificate chain in order. "aws-oidc doctor" checks them from here.',
);

export const thumbprint = cause(
  'thumbprint',
  "The issuer's certificate does not match the thumbprint in the IAM identity provider.",
  ({ claims }) => `The certificate of ${claims.iss} comes from a new or a private authority.`,
  'Add the thumbprint of the last certificate that the server sends to the provider. "aws-oidc doctor" computes it.',
);

export const notJwt = cause(
  'not-a-jwt',
  'The value sent is not an ID token.',
  () => 'It may be an empty variable, an unexpanded variable name, or CI_JOB_TOKEN.',
  'Declare the token under "id_tokens" in the job and pass that variable.',
);

export const signature = cause(
  'signature',
  "The token's signature does not match the issuer's keys.",
  ({ claims }) =>
    `The issuer is ${claims.iss}. The token was changed or truncated, or the keys were rotated.`,
  'Pass the token unchanged. If the keys were rotated, run the job again.',
);

export const issuerUnreachable = cause(
  'issuer-unreachable',
  'STS could not reach the issuer.',
  ({ claims }) => `The issuer is ${claims.iss}.`,
  'It must be reachable from the internet. Another attempt may succeed.',
);

export const claimRejected = cause(
  'claim-rejected',
  'A claim of the token is invalid, expired or revoked.',
  message,
  'Run the job again for a new token.',
);

export const sessionPolicyMalformed = cause(
  'session-policy-malformed',
  'The session policy is JSON, but not a valid policy.',
  message,
  'Check Version, Effect, Action and Resource in the input "policy".',
);

export const sessionPolicySize = cause(
  'session-policy-size',
  'The session policies and tags exceed the packed size limit of STS.',
  message,
  'Shorten the input "policy", list managed policies in "policy_arns", or list fewer claims in "session_tags".',
);

export const regionDisabled = cause(
  'region-disabled',
  'STS is not active in this region for the account.',
  message,
  'Activate it in the IAM account settings, or set the input "region" to an active region.',
);

export const durationOverRole = cause(
  'duration-over-role',
  'The requested duration exceeds what the role allows.',
  requestedDuration,
  'Lower the input "duration", or raise the role\'s maximum session duration. With role chaining, the maximum is 3600 seconds.',
);

export const durationRange = cause(
  'duration-range',
  'STS does not accept this duration.',
  requestedDuration,
  'Set it to a number of seconds from 900 to 43200.',
);

export const sessionName = cause(
  'session-name',
  'STS does not accept the session name.',
  message,
  'Set the input "session_name" to 2 to 64 letters, digits or _+=,.@-.',
);

export const roleArn = cause(
  'role-arn',
  'The ARN is not the ARN of a role.',
  message,
  'Check the input "role_arn": a variable in it may be empty in this job.',
);

/** An error with a single cause. */
function cause(
  id: string,
  summary: string,
  evidence: (situation: Situation, refusal: Refusal) => string,
  remedy: string,
): Explain {
  return (situation, refusal) => [{ id, summary, evidence: evidence(situation, refusal), remedy }];
}

function message(_: Situation, refusal: Refusal): string {
  return refusal.message;
}

function requestedDuration({ durationSeconds }: Situation): string {
  return `The input "duration" is ${durationSeconds} seconds.`;
}

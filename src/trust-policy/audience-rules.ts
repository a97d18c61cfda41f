import {
  at,
  conditionsOn,
  hit,
  isPinned,
  isPositive,
  type Rule,
  requiresKey,
  type WebIdentityStatement,
} from './rule.ts';
import { usualAudience } from './usual-audience.ts';

export const audienceUnpinned: Rule = {
  id: 'audience-unpinned',
  severity: 'major',
  reason: 'A token for another service that trusts the same issuer can be used for this role.',
  find: (statement) => {
    const [issuer] = statement.issuers;
    const detail = '"aud" is not restricted to exact values';
    if (issuer !== undefined && !isPinned('aud', statement))
      return [
        at(
          statement,
          detail,
          `Add "StringEquals": {"${issuer}:aud": "${usualAudience(issuer) ?? 'AUDIENCE'}"}.`,
        ),
      ];
    return servicesOf(statement).flatMap((service) => {
      const own = of(statement, service);
      const claim = applicationClaims[service] ?? 'aud';
      // another rule reports a service whose users are not restricted at all
      if (isPinned(claim, own) || !isPinned('sub', own)) return [];
      return [at(statement, `"${claim}" is not restricted to exact values`, applicationFix(service, claim))];
    });
  },
};

export const audienceSeveral: Rule = {
  id: 'audience-several',
  severity: 'minor',
  reason: 'A token for any of these services can be used for this role.',
  find: (statement) =>
    conditionsOn('aud', statement)
      .filter((one) => isPositive(one) && new Set(one.condition.values).size > 1)
      .map((one) => {
        const list = one.condition.values.map((value) => `"${value}"`).join(', ');
        return hit(
          one,
          `"aud" may be ${list}`,
          'Write only the audience of the tokens that are meant for AWS.',
        );
      }),
};

/** Providers without an ARN, and the claims that identify an application. */
const applicationClaims: Readonly<Record<string, string>> = {
  'cognito-identity.amazonaws.com': 'aud',
  'accounts.google.com': 'aud',
  'www.amazon.com': 'app_id',
  'graph.facebook.com': 'app_id',
};

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html */
export const applicationUnpinned: Rule = {
  id: 'application-unpinned',
  severity: 'blocker',
  reason: 'Users of every application of the service can assume the role.',
  find: (statement) =>
    servicesOf(statement).flatMap((service) => {
      const claim = applicationClaims[service] ?? 'aud';
      const own = of(statement, service);
      if (isPinned(claim, own) || isPinned('sub', own)) return [];
      const detail = `"${claim}" of ${service} is not restricted to exact values`;
      return [at(statement, detail, applicationFix(service, claim))];
    }),
};

/** The providers of a statement that IAM knows by name. */
function servicesOf({ statement }: WebIdentityStatement): readonly string[] {
  return statement.principals.federated.filter((name) => Object.hasOwn(applicationClaims, name));
}

function of(statement: WebIdentityStatement, issuer: string): WebIdentityStatement {
  return { ...statement, issuers: [issuer] };
}

function applicationFix(service: string, claim: string): string {
  return `Add "StringEquals": {"${service}:${claim}": "…"} with the ID of your application or identity pool.`;
}

/** https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html */
export const guestsAllowed: Rule = {
  id: 'guests-allowed',
  severity: 'minor',
  reason: 'If the identity pool allows guests, anyone on the internet can assume the role.',
  find: (statement) => {
    const pool = 'cognito-identity.amazonaws.com';
    if (!servicesOf(statement).includes(pool)) return [];
    const onMethod = conditionsOn('amr', of(statement, pool)).filter(
      (one) => isPositive(one) && requiresKey(one),
    );
    const isForUsers = onMethod.some(({ condition: { values } }) =>
      values.every((value) => value !== 'unauthenticated' && !/^[*?]/.test(value)),
    );
    if (isForUsers) return [];
    const fix = `Add "ForAnyValue:StringLike": {"${pool}:amr": "authenticated"}, unless the role is meant for guests.`;
    return [at(statement, '"amr" does not exclude guests', fix)];
  },
};

import { componentsOf, parseSubject } from '../identity/subject.ts';
import {
  at,
  conditionsOn,
  hit,
  isGitlabCom,
  isPinned,
  isPositive,
  type Rule,
  requiresKey,
  type WebIdentityStatement,
} from './rule.ts';
import { subjectMistake } from './subject-mistake.ts';
import { usualAudience } from './usual-audience.ts';

export const audienceUnpinned: Rule = {
  id: 'audience-unpinned',
  severity: 'major',
  reason: 'A token for another service that trusts the same issuer can be used for this role.',
  find: (statement) => {
    const [issuer] = [...statement.issuers, ...servicesOf(statement)];
    if (issuer === undefined || isPinned(applicationClaims[issuer] ?? 'aud', of(statement, issuer)))
      return [];
    // another rule reports a service whose users are not restricted at all
    if (Object.hasOwn(applicationClaims, issuer) && !isPinned('sub', of(statement, issuer))) return [];
    return [
      at(
        statement,
        '"aud" is not restricted to exact values',
        `Add "StringEquals": {"${issuer}:aud": "${exampleAudience(issuer)}"}.`,
      ),
    ];
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
      const fix = `Add "StringEquals": {"${service}:${claim}": "…"} with the ID of your application or identity pool.`;
      return [at(statement, `"${claim}" of ${service} is not restricted to exact values`, fix)];
    }),
};

/** The providers of a statement that IAM knows by name. */
function servicesOf({ statement }: WebIdentityStatement): readonly string[] {
  return statement.principals.federated.filter((name) => Object.hasOwn(applicationClaims, name));
}

function of(statement: WebIdentityStatement, issuer: string): WebIdentityStatement {
  return { ...statement, issuers: [issuer] };
}

function exampleAudience(issuer: string): string {
  return Object.hasOwn(applicationClaims, issuer) ? 'APPLICATION_ID' : (usualAudience(issuer) ?? 'AUDIENCE');
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

export const subjectIgnoreCase: Rule = {
  id: 'subject-ignore-case',
  severity: 'minor',
  reason:
    'Ref names are case-sensitive: anyone who can push "Main" can assume the role, even if "main" is protected.',
  find: (statement) =>
    conditionsOn('sub', statement)
      .filter(({ operator }) => /^stringequalsignorecase$/i.test(operator?.base ?? ''))
      .map((one) => hit(one, `${one.condition.operator} on ${one.condition.key}`, 'Use StringEquals.')),
};

export const subjectIncomplete: Rule = {
  id: 'subject-incomplete',
  severity: 'major',
  reason:
    "GitLab's sub consists of the project path, the ref type and the short ref name: no token has this value.",
  find: (statement) =>
    conditionsOn('sub', statement).flatMap((one) => {
      const wrong = one.condition.values.find(isIncomplete);
      if (wrong === undefined || !isPositive(one)) return [];
      return [
        hit(
          one,
          `"${wrong}"`,
          'Write project_path:GROUP/PROJECT:ref_type:branch:ref:BRANCH; without refs/heads/.',
        ),
      ];
    }),
};

export const subjectMalformed: Rule = {
  id: 'subject-malformed',
  severity: 'major',
  reason: 'The service issues no tokens with such a "sub".',
  find: (statement) =>
    conditionsOn('sub', statement)
      .filter(isPositive)
      .flatMap((one) =>
        one.condition.values.flatMap((value) => {
          const mistake = subjectMistake(value, one.prefix);
          return mistake === undefined ? [] : [hit(one, `"${value}"`, mistake)];
        }),
      ),
};

export const nameWithoutId: Rule = {
  id: 'name-without-id',
  severity: 'minor',
  reason: 'A project can be renamed and its path taken over by someone else; project IDs are never reused.',
  find: (statement) => {
    const byName = conditionsOn('sub', statement).find((one) =>
      one.condition.values.some((value) => value.startsWith('project_path:')),
    );
    if (!isGitlabCom(statement) || byName === undefined || isPinned('project_id', statement)) return [];
    return [
      hit(
        byName,
        '"sub" restricts the project path, but not the project ID',
        'Add "gitlab.com:project_id" and "gitlab.com:namespace_id" to StringEquals.',
      ),
    ];
  },
};

function isIncomplete(value: string): boolean {
  if (!value.startsWith('project_path:')) return false;
  if (/:ref:[^:]*:\*$/.test(value)) return true;
  if (/[*?]/.test(value)) return false;
  const subject = parseSubject(value);
  // a custom sub may have other claims after the ref
  if (componentsOf(value).length > 3) return false;
  return subject === undefined || subject.ref === '' || /^refs\/(heads|tags)\//.test(subject.ref);
}

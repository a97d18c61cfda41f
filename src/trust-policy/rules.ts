import { isMapped, issuerKind, mappedClaimsOf } from '../identity/issuer.ts';
import { presenceOf } from '../identity/request-key.ts';
import { componentsOf, parseSubject } from '../identity/subject.ts';
import { certainMistake } from '../identity/value-mistake.ts';
import { isWebIdentityAction } from './evaluate.ts';
import { at, conditionsOn, hit, isGitlabCom, isOwn, isPinned, isPositive, type Rule } from './rule.ts';
import { subjectRules } from './subject-rules.ts';

/** Every rule for statements that allow something; the order is that of a report. */
export const rules: readonly Rule[] = [
  {
    id: 'principal-anyone',
    severity: 'blocker',
    reason:
      'Every AWS principal and every identity provider may try the role; only conditions keep them out.',
    find: ({ statement }) => {
      const { principals, offset } = statement;
      const anyone = principals.anyone || principals.federated.includes('*') || statement.exceptPrincipals;
      if (!anyone) return [];
      const detail = statement.exceptPrincipals ? '"NotPrincipal" in an Allow' : 'the principal is "*"';
      return [
        {
          offset: principals.offset || offset,
          detail,
          fix: 'Name the provider: {"Federated": "arn:aws:iam::ACCOUNT:oidc-provider/HOST"}.',
        },
      ];
    },
  },
  ...subjectRules,
  {
    id: 'audience-unpinned',
    severity: 'major',
    reason: 'A token made for another service that trusts the same issuer can be used for this role.',
    find: (statement) => {
      if (statement.issuers.length === 0 || isPinned('aud', statement)) return [];
      const [issuer = ''] = statement.issuers;
      return [
        at(
          statement,
          'no condition holds "aud" to fixed values',
          `Add "StringEquals": {"${issuer}:aud": "${usualAudience(issuer)}"}.`,
        ),
      ];
    },
  },
  {
    id: 'wildcard-under-equals',
    severity: 'major',
    reason: '"*" and "?" are ordinary characters to this operator: the condition matches no token.',
    find: ({ conditions }) =>
      conditions.flatMap((one) => {
        const { condition, operator } = one;
        if (!/^string(not)?equals/i.test(operator?.base ?? '')) return [];
        const value = condition.values.find((text) => /[*?]/.test(text.replaceAll(/\$\{[^}]*\}/g, '')));
        if (value === undefined) return [];
        return [
          hit(
            one,
            `"${value}" under ${condition.operator}`,
            'Write the value in full, or use StringLike where you mean a pattern.',
          ),
        ];
      }),
  },
  {
    id: 'for-all-values-in-allow',
    severity: 'critical',
    reason: 'ForAllValues is met where the token lacks the claim altogether.',
    find: (statement) =>
      statement.conditions
        .filter(({ operator, claim, prefix }) => {
          if (operator?.quantifier !== 'all' || !isOwn(prefix, statement.issuers)) return false;
          // beside a sub that is held to values nobody else gets in
          return claim === 'sub' || !isPinned('sub', statement);
        })
        .map((one) =>
          hit(
            one,
            `${one.condition.operator} on ${one.condition.key}`,
            'Use the operator without "ForAllValues:": a claim such as sub has one value.',
          ),
        ),
  },
  {
    id: 'if-exists-on-identity',
    severity: 'critical',
    reason: 'With IfExists the condition is met where the token lacks the claim.',
    find: ({ conditions }) =>
      conditions
        .filter(({ operator, claim }) => operator?.ifExists && ['sub', 'aud'].includes(claim))
        .map((one) =>
          hit(
            one,
            `${one.condition.operator} on ${one.condition.key}`,
            'Use the operator without "IfExists".',
          ),
        ),
  },
  {
    id: 'foreign-condition-key',
    severity: 'major',
    reason:
      "The key belongs to another issuer than the principal's provider: a token of this one never has it.",
    find: ({ conditions, issuers }) =>
      conditions
        .filter(({ prefix }) => issuers.length > 0 && !isOwn(prefix, issuers) && !/^(aws|sts)$/i.test(prefix))
        .map((one) =>
          hit(
            one,
            `"${one.condition.key}" with the provider ${issuers.join(', ')}`,
            `Begin the key with the provider's name: "${issuers[0]}:${one.claim}".`,
          ),
        ),
  },
  {
    id: 'unmapped-condition-key',
    severity: 'major',
    reason:
      'AWS makes no condition key of this claim for this issuer: a positive condition is never met, a negative one always.',
    find: ({ conditions, issuers }) =>
      conditions.flatMap((one) => {
        const issuer = issuers.find((name) => name.toLowerCase() === one.prefix.toLowerCase());
        if (issuer === undefined || isMapped(issuer, one.claim) !== false) return [];
        return [
          hit(
            one,
            `"${one.condition.key}"`,
            `Remove it. For this issuer there are: ${mappedClaimsOf(issuer).join(', ')}.`,
          ),
        ];
      }),
  },
  {
    id: 'condition-never-met',
    severity: 'major',
    reason:
      'AssumeRoleWithWebIdentity never has this key: a positive condition is never met, a negative one always.',
    find: ({ conditions }) =>
      conditions
        .filter(
          ({ condition }) => presenceOf(condition.key) === 'never' && !/^null$/i.test(condition.operator),
        )
        .filter(({ operator }) => operator?.quantifier !== 'all')
        .map((one) => hit(one, `"${one.condition.key}"`, 'Remove it: sub and aud identify the caller.')),
  },
  {
    id: 'value-mistake',
    severity: 'major',
    reason: 'No token has this value: the condition is never met, or always where it is negated.',
    find: ({ conditions }) =>
      conditions.flatMap((one) => {
        const mistakes = one.condition.values.flatMap((value) => certainMistake(value) ?? []);
        return mistakes.slice(0, 1).map(({ evidence, remedy }) => hit(one, evidence, remedy));
      }),
  },
  {
    id: 'subject-ignore-case',
    severity: 'minor',
    reason:
      'Ref names are case-sensitive: whoever may push "Main" gets in although only "main" is protected.',
    find: (statement) =>
      conditionsOn('sub', statement)
        .filter(({ operator }) => /^stringequalsignorecase$/i.test(operator?.base ?? ''))
        .map((one) => hit(one, `${one.condition.operator} on ${one.condition.key}`, 'Use StringEquals.')),
  },
  {
    id: 'unknown-operator',
    severity: 'blocker',
    reason: 'IAM does not know the operator and refuses the policy.',
    find: ({ conditions }) =>
      conditions
        .filter(({ operator }) => operator === undefined)
        .map((one) =>
          hit(
            one,
            `"${one.condition.operator}"`,
            'Use StringEquals for exact values, StringLike for patterns.',
          ),
        ),
  },
  {
    id: 'subject-incomplete',
    severity: 'major',
    reason:
      'A GitLab sub names the project, the type of the ref and the ref; less than that matches no token.',
    find: (statement) =>
      conditionsOn('sub', statement).flatMap((one) => {
        const wrong = one.condition.values.find(isIncomplete);
        if (wrong === undefined || !isPositive(one)) return [];
        return [
          hit(
            one,
            `"${wrong}"`,
            'Write project_path:GROUP/PROJECT:ref_type:branch:ref:BRANCH; the ref without refs/heads/.',
          ),
        ];
      }),
  },
  {
    id: 'name-without-id',
    severity: 'minor',
    reason:
      "Project paths can be renamed, and then taken by somebody else; a project's id is never used again.",
    find: (statement) => {
      const byName = conditionsOn('sub', statement).find((one) =>
        one.condition.values.some((value) => value.startsWith('project_path:')),
      );
      if (!isGitlabCom(statement) || byName === undefined || isPinned('project_id', statement)) return [];
      return [
        hit(
          byName,
          '"sub" names the project, nothing holds its id',
          'Add "gitlab.com:project_id" and "gitlab.com:namespace_id" to the StringEquals.',
        ),
      ];
    },
  },
  {
    id: 'action-assume-role',
    severity: 'major',
    reason:
      'A web identity calls AssumeRoleWithWebIdentity: with sts:AssumeRole its provider lets nobody in.',
    find: (statement) => {
      const { actions, exceptActions } = statement.statement;
      if (exceptActions || actions.some(isWebIdentityAction)) return [];
      return [
        at(
          statement,
          `"Action": "${actions.join('", "')}"`,
          'Write "Action": "sts:AssumeRoleWithWebIdentity".',
        ),
      ];
    },
  },
  {
    id: 'action-too-broad',
    severity: 'minor',
    reason: 'The provider may do more than exchange a token.',
    find: (statement) => {
      const broad = statement.statement.actions.find((action) => action.includes('*'));
      if (broad === undefined && !statement.statement.exceptActions) return [];
      return [
        at(
          statement,
          broad === undefined ? '"NotAction"' : `"Action": "${broad}"`,
          'Write "Action": "sts:AssumeRoleWithWebIdentity".',
        ),
      ];
    },
  },
];

/** Rules for statements that deny: a Deny that never applies protects nothing. */
export const denyRules: readonly Rule[] = rules.filter(({ id }) =>
  [
    'wildcard-under-equals',
    'foreign-condition-key',
    'unmapped-condition-key',
    'condition-never-met',
    'value-mistake',
    'unknown-operator',
  ].includes(id),
);

function isIncomplete(value: string): boolean {
  if (!value.startsWith('project_path:')) return false;
  if (/:ref:[^:]*:\*$/.test(value)) return true;
  if (/[*?]/.test(value)) return false;
  const subject = parseSubject(value);
  // a sub that the project composes may have more behind the ref
  if (componentsOf(value).length > 3) return false;
  return subject === undefined || subject.ref === '' || /^refs\/(heads|tags)\//.test(subject.ref);
}

function usualAudience(issuer: string): string {
  const [, organization] = /^oidc\.circleci\.com\/org\/(.+)$/.exec(issuer) ?? [];
  return issuerKind(issuer) === 'circleci' ? (organization ?? '') : `https://${issuer}`;
}

import type { Place } from '../text/place.ts';
import type { FoundPolicy } from './documents.ts';
import { isWebIdentityAction } from './evaluate.ts';
import type { Condition, Statement, TrustPolicy } from './policy.ts';
import { type Hit, prepare, type Rule, type Severity, severities } from './rule.ts';
import { denyRules, rules } from './rules.ts';

/** One rule, broken at one place. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  /** What stands there. */
  readonly detail: string;
  readonly reason: string;
  readonly fix: string;
  /** What the file calls the role; empty for a policy that is a file of its own. */
  readonly role: string;
  readonly place: Place;
}

/** Rules about the whole document rather than a statement. */
const syntaxRule = { id: 'policy-syntax', severity: 'blocker', reason: 'IAM refuses the policy.' } as const;
const versionRule = {
  id: 'version-old',
  severity: 'info',
  reason: 'Policy variables do not work in policies before 2012-10-17.',
} as const;
const sizeRule = {
  id: 'policy-too-large',
  severity: 'blocker',
  reason: 'IAM takes 2048 characters, 4096 where the quota was raised; white space does not count.',
} as const;

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const maxPolicyCharacters = 4096;

/** Beyond this nobody reads findings about what IAM refuses anyway. */
const maxLintedCharacters = 65_536;

/** Every danger in the statements of a policy that are about web identities. */
export function lint({ role, policy, place, json }: FoundPolicy): readonly Finding[] {
  const characters = JSON.stringify(json).length;
  const broken = [
    ...documentHits(policy, characters),
    ...(characters > maxLintedCharacters
      ? []
      : policy.statements.flatMap((one) => statementHits(one, policy.statements))),
  ];
  return broken.map(([{ id, severity, reason }, { offset, detail, fix }]) => {
    return { rule: id, severity, detail, reason, fix, role, place: place(offset) };
  });
}

type Broken = readonly [rule: Omit<Rule, 'find'>, hit: Hit];

function documentHits({ problems, version, offset }: TrustPolicy, characters: number): readonly Broken[] {
  const grammar = 'See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html.';
  const hits: Broken[] = problems.map((problem) => {
    return [syntaxRule, { offset: problem.offset, detail: problem.message, fix: grammar }];
  });
  if (characters > maxPolicyCharacters) {
    const detail = `it has ${characters} characters`;
    hits.push([sizeRule, { offset, detail, fix: 'Make a role for each project instead.' }]);
  }
  if (version === '2008-10-17' && problems.length === 0) {
    const detail = 'the version is 2008-10-17, or not given';
    hits.push([versionRule, { offset, detail, fix: 'Write "Version": "2012-10-17".' }]);
  }
  return hits;
}

function statementHits(statement: Statement, all: readonly Statement[]): readonly Broken[] {
  if (!isAboutWebIdentity(statement)) return isOpenToAll(statement) ? hitsOf(statement, all, openRules) : [];
  return hitsOf(statement, all, statement.effect === 'Allow' ? rules : denyRules);
}

function hitsOf(
  statement: Statement,
  all: readonly Statement[],
  applying: readonly Rule[],
): readonly Broken[] {
  const narrowing = statement.effect === 'Allow' ? all.flatMap((one) => narrowedBy(one, statement)) : [];
  const prepared = prepare({ ...statement, conditions: [...statement.conditions, ...narrowing] });
  return applying.flatMap((rule) => rule.find(prepared).map((hit): Broken => [rule, hit]));
}

/** Does it name everybody whom the other one names? */
function isAboutAllOf({ principals, exceptPrincipals }: Statement, allow: Statement): boolean {
  if (principals.anyone || exceptPrincipals) return principals.anyone && !exceptPrincipals;
  const { anyone, federated } = allow.principals;
  return !anyone && !allow.exceptPrincipals && federated.every((arn) => principals.federated.includes(arn));
}

/** For statements about other principals: whether they are about everybody. */
const openRules = rules.filter(({ id }) => id === 'principal-anyone');

/** Everybody, or everybody but some, without a condition that says which. */
function isOpenToAll({ effect, principals, exceptPrincipals, conditions }: Statement): boolean {
  return effect === 'Allow' && (principals.anyone || exceptPrincipals) && conditions.length === 0;
}

/**
 * A Deny for all but some values lets through what an Allow with these values would: it narrows every Allow. Only
 * where that is its one condition, and the Deny is about the same action and the same principals.
 */
function narrowedBy(deny: Statement, allow: Statement): readonly Condition[] {
  const [only, ...others] = deny.conditions;
  if (deny.effect !== 'Deny' || only === undefined || others.length > 0) return [];
  if (deny.actions.some(isWebIdentityAction) === deny.exceptActions || !isAboutAllOf(deny, allow)) return [];
  const [, kind] = /^StringNot(Equals|Like)$/i.exec(only.operator) ?? [];
  return kind === undefined ? [] : [{ ...only, operator: `String${kind}` }];
}

/** Is a finding at least as bad as this? */
export function isAtLeast({ severity }: Finding, least: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(least);
}

/** Statements about other services and accounts are none of this program's business. */
function isAboutWebIdentity({ principals, exceptPrincipals, actions, exceptActions }: Statement): boolean {
  const named = actions.some(isWebIdentityAction) !== exceptActions;
  const oidc = principals.federated.some(
    (arn) => arn === '*' || arn.includes(':oidc-provider/') || !arn.startsWith('arn:'),
  );
  return oidc || (named && (principals.anyone || exceptPrincipals));
}

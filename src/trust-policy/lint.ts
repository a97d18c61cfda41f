import type { Place } from '../text/place.ts';
import type { FoundPolicy } from './found-policy.ts';
import type { Statement, TrustPolicy } from './policy.ts';
import { type Hit, prepare, type Rule, type Severity, severities } from './rule.ts';
import { denyRules, rules } from './rules.ts';
import { actionHits, onlyAdds } from './session-actions.ts';
import { isAboutWebIdentity, narrowed } from './web-identity.ts';

/** A violation of a rule at one place. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  /** What was found there. */
  readonly detail: string;
  readonly reason: string;
  readonly fix: string;
  /** The role's name in the file; empty for a bare policy. */
  readonly role: string;
  readonly place: Place;
}

/** Rules for the whole document, not for one statement. */
const syntaxRule = { id: 'policy-syntax', severity: 'blocker', reason: 'IAM rejects the policy.' } as const;
const versionRule = {
  id: 'version-old',
  severity: 'info',
  reason: 'Policy variables do not work in this version.',
} as const;
const sizeRule = {
  id: 'policy-too-large',
  severity: 'blocker',
  reason: 'IAM allows 2048 characters, or 4096 with an increased quota; white space does not count.',
} as const;

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const maxPolicyCharacters = 4096;

/** A longer policy gets no other findings, since IAM rejects it anyway. */
const maxLintedCharacters = 65_536;

/** Finds risks in the statements of a policy that concern web identities. */
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
    hits.push([sizeRule, { offset, detail, fix: 'Create one role per project instead.' }]);
  }
  if (version === '2008-10-17' && problems.length === 0) {
    const detail = 'the version is 2008-10-17 or missing';
    hits.push([versionRule, { offset, detail, fix: 'Write "Version": "2012-10-17".' }]);
  }
  return hits;
}

function statementHits(statement: Statement, all: readonly Statement[]): readonly Broken[] {
  const hits = actionHits(statement, all);
  return onlyAdds(statement) ? hits : [...hits, ...accessHits(statement, all)];
}

function accessHits(statement: Statement, all: readonly Statement[]): readonly Broken[] {
  if (!isAboutWebIdentity(statement)) return isOpenToAll(statement) ? hitsOf(statement, all, openRules) : [];
  return hitsOf(statement, all, statement.effect === 'Allow' ? rules : denyRules);
}

function hitsOf(
  statement: Statement,
  all: readonly Statement[],
  applying: readonly Rule[],
): readonly Broken[] {
  const prepared = prepare(statement.effect === 'Allow' ? narrowed(statement, all) : statement);
  return applying.flatMap((rule) => rule.find(prepared).map((hit): Broken => [rule, hit]));
}

/** The rules for statements without web identities: only open principals are reported. */
const openRules = rules.filter(({ id }) => id === 'principal-anyone');

/** Does it allow everyone, or everyone with exceptions, without a condition? */
function isOpenToAll({ effect, principals, exceptPrincipals, conditions }: Statement): boolean {
  return effect === 'Allow' && (principals.anyone || exceptPrincipals) && conditions.length === 0;
}

/** Does a finding have at least this severity? */
export function isAtLeast({ severity }: Finding, least: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(least);
}

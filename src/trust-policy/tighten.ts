import type { Json } from './exact-statement.ts';
import { webIdentityAction } from './exact-statement.ts';
import { type FoundPolicy, policyOfRole } from './found-policy.ts';
import { type Finding, lint } from './lint.ts';
import { type Placeholder, placeholdersIn, withExamples } from './placeholders.ts';
import type { Condition, Statement } from './policy.ts';
import { type ClaimCondition, conditionsOn, isPositive, prepare, takesWildcards } from './rule.ts';
import { subjectTemplate } from './subject-forms.ts';
import { usualAudience } from './usual-audience.ts';
import { isAboutWebIdentity } from './web-identity.ts';

/** A corrected policy that a person has to complete. */
export interface TightenedPolicy {
  readonly policy: Json;
  /** What to replace; empty if the policy is complete. */
  readonly placeholders: readonly Placeholder[];
}

/** Rules for statements that accept no token as they are: nobody but a person knows what was meant. */
const undecidable = new Set([
  'policy-syntax',
  'policy-too-large',
  'application-unpinned',
  'principal-anyone',
  'action-assume-role',
  'unknown-operator',
  'foreign-condition-key',
  'unmapped-condition-key',
  'condition-never-met',
]);

/**
 * Corrects a trust policy without a token: keeps what is exact, pins `aud`, and replaces what is too broad by
 * placeholders in capitals. Deny statements and statements for other principals are kept.
 *
 * @param findings what the linter finds in the policy
 * @returns undefined if there is nothing to correct, or if a person must decide. Otherwise, with every placeholder
 *   replaced by a value, the linter finds nothing in the policy.
 */
export function tightenedPolicy(
  found: FoundPolicy,
  findings: readonly Finding[] = lint(found),
): TightenedPolicy | undefined {
  if (findings.length === 0 || findings.some(({ rule }) => undecidable.has(rule))) return undefined;
  const json = found.json as Json;
  // the new version would turn "${" into a variable
  if (json.Version !== '2012-10-17' && JSON.stringify(json).includes('${')) return undefined;
  const written = [json.Statement].flat() as readonly Json[];
  const statements = found.policy.statements.map((one, index) => tightened(one, written[index] ?? {}));
  if (!statements.every((one) => one !== undefined)) return undefined;
  const policy = { ...json, Version: '2012-10-17', Statement: statements.flat() };
  if (findingsIn(withExamples(policy)).length > 0) return undefined;
  return { policy, placeholders: placeholdersIn(inserted(policy, json)) };
}

function findingsIn(policy: unknown) {
  return lint(policyOfRole('', policy, { line: 1, column: 1 }));
}

/** The values that the original policy does not contain. */
function inserted(policy: unknown, original: unknown): string {
  const before = new Set(textsIn(original));
  return textsIn(policy)
    .filter((text) => !before.has(text))
    .join('\n');
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** One statement for each issuer; undefined if a person must decide. */
function tightened(statement: Statement, written: Json): readonly Json[] | undefined {
  if (statement.effect === 'Deny' || !isAboutWebIdentity(statement)) return [written];
  if (findingsIn({ Version: '2012-10-17', Statement: [written] }).length === 0) return [written];
  const { federated, others } = statement.principals;
  const { issuers } = prepare(statement);
  if (others.length > 0 || issuers.length !== federated.length) return undefined;
  const result = issuers.map((issuer, index) => {
    const principal = { Federated: federated[index] ?? '' };
    return tightenedFor(issuer, statement, { ...written, Principal: principal, ...actionOf(statement) });
  });
  const isOne = result.length === 1;
  if (!result.every((one) => one !== undefined)) return undefined;
  // statements of a policy cannot share a Sid
  return isOne ? result : result.map(({ Sid: _, ...rest }) => rest);
}

/** The exact actions, without wildcards and `NotAction`. */
function actionOf({ actions, exceptActions }: Statement): Json {
  const exact = exceptActions ? [] : actions.filter((action) => !/[*?]/.test(action));
  const others = exact.filter((action) => action.toLowerCase() !== webIdentityAction.toLowerCase());
  const list = [webIdentityAction, ...others];
  return { Action: list.length === 1 ? webIdentityAction : list };
}

function tightenedFor(issuer: string, statement: Statement, written: Json): Json | undefined {
  const { conditions } = prepare(statement);
  const own = { statement, conditions, issuers: [issuer] };
  const kept = conditions.filter((one) => isKept(one, issuer)).map(({ condition }) => withoutSet(condition));
  const { NotAction: _, ...rest } = written;
  const withConditions = (more: readonly Condition[]): Json => ({
    ...rest,
    Condition: blocksOf([...kept, ...more]),
  });
  const audience = audienceFor(issuer, conditionsOn('aud', own));
  const subject = subjectFor(issuer, conditionsOn('sub', own), (value, operator) =>
    withConditions([audience, conditionOf(operator, `${issuer}:sub`, [value])]),
  );
  if (subject === undefined) return undefined;
  const needsId = findingsIn({
    Version: '2012-10-17',
    Statement: [withExamples(withConditions([audience, ...subject])) as Json],
  }).some(({ rule }) => rule === 'name-without-id');
  const id = needsId ? [conditionOf('StringEquals', `${issuer}:project_id`, ['PROJECT_ID'])] : [];
  return withConditions([audience, ...subject, ...id]);
}

/** Conditions on the request, on other claims, and those that exclude subjects. */
function isKept(one: ClaimCondition, issuer: string): boolean {
  if (/^(aws|sts|iam)$/i.test(one.prefix)) return true;
  if (one.prefix.toLowerCase() !== issuer.toLowerCase()) return false;
  return !['sub', 'aud'].includes(one.claim) || !isPositive(one);
}

/** A claim such as `project_id` has one value, so a set operator only makes its absence acceptable. */
function withoutSet(condition: Condition): Condition {
  return { ...condition, operator: condition.operator.replace(/^ForAllValues:/i, '') };
}

function audienceFor(issuer: string, conditions: readonly ClaimCondition[]): Condition {
  const values = conditions.filter(isPositive).flatMap(({ condition }) => condition.values);
  const exact = values.filter((value) => !/[*?]|\$\{/.test(value));
  return conditionOf(
    'StringEquals',
    `${issuer}:aud`,
    exact.length > 0 ? [...new Set(exact)] : [usualAudience(issuer) ?? 'AUDIENCE'],
  );
}

/**
 * The condition on `sub`: every value that the linter accepts stays, the others become templates.
 *
 * @param asStatement the statement with only this value
 * @returns an empty list if no condition is needed, undefined if a person must decide
 */
function subjectFor(
  issuer: string,
  conditions: readonly ClaimCondition[],
  asStatement: (value: string, operator: string) => Json,
): readonly Condition[] | undefined {
  const positive = conditions.filter(isPositive);
  const isFine = (value: string, operator: string) => {
    const policy = { Version: '2012-10-17', Statement: [asStatement(value, operator)] };
    return findingsIn(policy).every(({ rule }) => rule === 'name-without-id');
  };
  const candidates = positive.map((one) => {
    const operator = takesWildcards(one) ? 'StringLike' : 'StringEquals';
    return one.condition.values.map((value) =>
      isFine(value, operator) ? value : subjectTemplate(value, issuer),
    );
  });
  // every condition must be met, so one whose values all stay is enough
  const isWhole = (values: readonly (string | undefined)[], index: number) =>
    values.every((value, at) => value === positive[index]?.condition.values[at]);
  const chosen = candidates.find(isWhole) ?? candidates[0] ?? [subjectTemplate('*', issuer)];
  if (chosen.length === 0 || !chosen.every((value) => value !== undefined)) return undefined;
  const operator = chosen.some((value) => /[*?]/.test(value)) ? 'StringLike' : 'StringEquals';
  return [conditionOf(operator, `${issuer}:sub`, [...new Set(chosen)])];
}

function conditionOf(operator: string, key: string, values: readonly string[]): Condition {
  return { operator, key, values, offset: 0 };
}

/** Conditions as IAM writes them: by operator and key. */
function blocksOf(conditions: readonly Condition[]): Json {
  const blocks: Record<string, Json> = {};
  for (const { operator, key, values } of conditions) {
    blocks[operator] = { ...blocks[operator], [key]: values.length === 1 ? values[0] : values };
  }
  return blocks;
}

import type { TrustRequest } from './context.ts';
import { type Evaluation, type StatementResult, webIdentityAction } from './evaluate.ts';

/** A policy as plain values, of which only the outline is known. */
type Json = Readonly<Record<string, unknown>>;

/**
 * The statement that comes nearest to letting the request in: of those that allow something, the one with
 * the fewest parts that are not met. Its index, too.
 */
export function nearestMiss(
  evaluation: Evaluation,
): { readonly index: number; readonly result: StatementResult } | undefined {
  const misses = evaluation.statements
    .map((result, index) => ({ result, index, count: missCount(result) }))
    .filter(({ result }) => result.statement.effect === 'Allow' && !result.applies);
  return misses.toSorted((a, b) => a.count - b.count)[0];
}

/** A wrong principal or action outweighs conditions: the statement is about something else. */
function missCount({ principalMet, actionMet, conditions }: StatementResult): number {
  return (principalMet ? 0 : 100) + (actionMet ? 0 : 100) + conditions.filter(({ met }) => !met).length;
}

/**
 * The policy, changed as little as lets this very request in: the nearest statement gets the provider,
 * the action, and the token's own values in the place of those that were not met. What cannot be met goes.
 *
 * @param json the policy that was evaluated, as plain values
 * @returns undefined where nothing needs correcting, or a Deny or a missing statement needs a person
 */
export function correctedPolicy(
  json: unknown,
  evaluation: Evaluation,
  request: TrustRequest,
): Json | undefined {
  const nearest = nearestMiss(evaluation);
  if (evaluation.decision !== 'implicit-deny' || nearest === undefined) return undefined;
  const policy = json as Json;
  const statements = [policy.Statement].flat() as readonly Json[];
  const corrected = statements.map((statement, index) =>
    index === nearest.index ? correctStatement(statement, nearest.result, request) : statement,
  );
  return { ...policy, Version: '2012-10-17', Statement: corrected };
}

function correctStatement(json: Json, result: StatementResult, request: TrustRequest): Json {
  const { Principal, NotPrincipal, Action, NotAction, Condition, ...rest } = json;
  const principal = result.principalMet
    ? { Principal, NotPrincipal }
    : { Principal: { Federated: providerArn(request, result) } };
  const action = result.actionMet ? { Action, NotAction } : { Action: webIdentityAction };
  const conditions = correctConditions((Condition ?? {}) as Json, result, request);
  // what is undefined goes when it becomes JSON
  return JSON.parse(JSON.stringify({ ...rest, ...principal, ...action, Condition: conditions }));
}

function correctConditions(json: Json, result: StatementResult, request: TrustRequest): Json {
  const missed = result.conditions.filter(
    ({ met, condition }) => !met && !/^(aws|sts):/i.test(condition.key),
  );
  const blocks = new Map<string, Json>();
  const add = (operator: string, block: Json) => blocks.set(operator, { ...blocks.get(operator), ...block });
  for (const [operator, block] of Object.entries(json)) {
    for (const [key, value] of Object.entries(block as Json)) {
      const wrong = missed.some(({ condition }) => condition.operator === operator && condition.key === key);
      if (!wrong) add(operator, { [key]: value });
    }
  }
  const claims = missed.map(({ condition }) => condition.key.slice(condition.key.lastIndexOf(':') + 1));
  // what identifies the job must not get lost with a condition that went
  if (missed.length > 0 && !hasSubject(blocks, request)) claims.push('sub');
  for (const claim of claims) {
    const values = request.context.get(contextKey(claim, request)) ?? [];
    if (values.length === 0) continue;
    const [operator, value] =
      values.length === 1
        ? ['StringEquals', escapeVariables(values[0] ?? '')]
        : ['ForAnyValue:StringEquals', values.map(escapeVariables)];
    add(operator as string, { [`${request.provider}:${claim}`]: value });
  }
  return Object.fromEntries(blocks);
}

function contextKey(claim: string, { provider }: TrustRequest): string {
  return `${provider}:${claim}`.toLowerCase();
}

function hasSubject(blocks: ReadonlyMap<string, Json>, request: TrustRequest): boolean {
  const key = contextKey('sub', request);
  return [...blocks.values()].some((block) => Object.keys(block).some((one) => one.toLowerCase() === key));
}

function providerArn({ provider, account, partition }: TrustRequest, { statement }: StatementResult): string {
  const [named = ''] = statement.principals.federated;
  const [, itsPartition, itsAccount] = /^arn:([^:]+):iam::(\d{12}):/.exec(named) ?? [];
  return `arn:${partition ?? itsPartition ?? 'aws'}:iam::${account ?? itsAccount ?? 'ACCOUNT'}:oidc-provider/${provider}`;
}

/** A value that stands for itself in a policy: `${` would begin a variable. */
export function escapeVariables(text: string): string {
  return text.replace(/\$\{/g, () => `\${$}{`);
}

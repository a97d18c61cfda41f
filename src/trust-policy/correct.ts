import { isMapped } from '../identity/claim-condition-keys.ts';
import { isRequestKey, presenceOf, splitConditionKey } from '../identity/request-key.ts';
import type { ConditionResult } from './condition.ts';
import type { TrustRequest } from './context.ts';
import type { Evaluation, StatementResult } from './evaluate.ts';
import { exactStatement, identifyingClaims, type Json } from './exact-statement.ts';
import { isWebIdentityAction } from './web-identity.ts';

/**
 * Finds the statement that comes closest to allowing the request: the Allow statement with the fewest
 * unmet parts. Also returns its index.
 */
export function nearestMiss(
  evaluation: Evaluation,
): { readonly index: number; readonly result: StatementResult } | undefined {
  const misses = evaluation.statements
    .map((result, index) => ({ result, index, count: missCount(result) }))
    .filter(({ result }) => result.statement.effect === 'Allow' && !result.applies);
  return misses.toSorted((a, b) => a.count - b.count)[0];
}

/** A wrong principal or action outweighs conditions, because the statement then has another purpose. */
function missCount({ principalMet, actionMet, conditions }: StatementResult): number {
  return (principalMet ? 0 : 100) + (actionMet ? 0 : 100) + conditions.filter(({ met }) => !met).length;
}

/**
 * Creates a policy that allows exactly this token: one exact statement replaces every statement that allows
 * web identities of this issuer, or everyone. Deny statements and unrelated statements are kept.
 *
 * @param json the evaluated policy, as plain values
 * @returns undefined if the policy needs no correction, if no policy can help, or if a person must decide: after
 *   a Deny, or an unmet condition on a request key
 */
export function correctedPolicy(
  json: unknown,
  evaluation: Evaluation,
  request: TrustRequest,
): Json | undefined {
  const nearest = nearestMiss(evaluation);
  const exact = exactToken(request, nearest?.result);
  if (evaluation.decision !== 'implicit-deny' || exact === undefined) return undefined;
  const kept = nearest === undefined ? [] : guards(nearest.result, request);
  if (kept.some(({ met, actual }) => !met && actual !== undefined)) return undefined;
  const statement = withGuards(exactStatement(exact), kept);
  const policy = json as Json;
  const others = ([policy.Statement].flat() as readonly Json[]).filter(
    (_, index) => !isReplaced(evaluation.statements[index], request),
  );
  // the new version would turn "${" into a variable
  if (policy.Version !== '2012-10-17' && JSON.stringify([kept, others]).includes('${')) return undefined;
  return { ...policy, Version: '2012-10-17', Statement: [statement, ...others] };
}

/** Does it allow tokens of this issuer, or everyone, or is it meant to? */
function isReplaced(result: StatementResult | undefined, request: TrustRequest): boolean {
  if (result === undefined || result.statement.effect !== 'Allow') return false;
  const { principals, exceptPrincipals, actions, exceptActions } = result.statement;
  if (principals.anyone || exceptPrincipals || result.principalMet) return true;
  const isForTokens = principals.federated.length > 0;
  return isForTokens && (exceptActions || actions.some(isWebIdentityAction) || mentions(result, request));
}

/** Do its conditions test claims of this issuer, whatever its principal is? */
function mentions({ conditions }: StatementResult, { provider }: TrustRequest): boolean {
  return conditions.some(({ condition }) =>
    condition.key.toLowerCase().startsWith(`${provider.toLowerCase()}:`),
  );
}

function exactToken(request: TrustRequest, nearest: StatementResult | undefined) {
  const { provider, account, partition, context } = request;
  const only = (claim: string) => {
    const values = context.get(`${provider}:${claim}`.toLowerCase()) ?? [];
    return values.length === 1 ? values[0] : undefined;
  };
  const [subject, audience] = [only('sub'), only('aud')];
  if (!subject || !audience) return undefined;
  const names = [...identifyingClaims(provider), ...testedClaims(nearest, provider)];
  const claims = names.flatMap((name) => {
    const value = only(name);
    return value === undefined || (name === 'ref_protected' && value !== 'true')
      ? []
      : [[name, value] as const];
  });
  const [named = ''] = nearest?.statement.principals.federated ?? [];
  const [, itsPartition, itsAccount] = /^arn:(aws[\w-]*):iam::(\d{12}):/.exec(named) ?? [];
  return {
    partition: partition ?? itsPartition ?? 'aws',
    account: account ?? itsAccount ?? 'ACCOUNT',
    provider,
    subjects: [subject],
    audience,
    claims: Object.fromEntries(claims),
  };
}

/** Other claims that the statement tests and AWS has keys for; the corrected statement pins them, too. */
function testedClaims(nearest: StatementResult | undefined, provider: string): readonly string[] {
  return (nearest?.conditions ?? []).flatMap(({ condition: { key } }) => {
    const { prefix, claim } = splitConditionKey(key);
    const isOwn = prefix.toLowerCase() === provider.toLowerCase();
    return isOwn && isMapped(provider, claim) && !['sub', 'aud'].includes(claim) ? [claim] : [];
  });
}

/** Conditions on the request instead of the token that can be met: addresses, regions, times. */
function guards({ conditions }: StatementResult, { provider }: TrustRequest): readonly ConditionResult[] {
  return conditions.filter(({ condition: { key }, met, unknown, actual }) => {
    if (!isRequestKey(key) || key.toLowerCase().startsWith(`${provider}:`)) return false;
    const presence = presenceOf(key);
    return presence !== 'never' && presence !== undefined && (met || unknown || actual !== undefined);
  });
}

function withGuards(statement: Json, kept: readonly ConditionResult[]): Json {
  const conditions: Record<string, Json> = { ...(statement.Condition as Record<string, Json>) };
  for (const { condition } of kept) {
    const { operator, key, values } = condition;
    conditions[operator] = { ...conditions[operator], [key]: values.length === 1 ? values[0] : values };
  }
  return { ...statement, Condition: conditions };
}

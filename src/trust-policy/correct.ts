import { isMapped } from '../identity/issuer.ts';
import { isRequestKey, presenceOf } from '../identity/request-key.ts';
import type { ConditionResult } from './condition.ts';
import type { TrustRequest } from './context.ts';
import { type Evaluation, isWebIdentityAction, type StatementResult } from './evaluate.ts';
import { exactStatement, identifyingClaims, type Json } from './exact-statement.ts';

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
 * A policy that lets exactly this token in: one statement that names it in full takes the place of every
 * statement that allows web identities of this issuer, or of everybody. Statements that deny, or are about
 * something else, stay as they are.
 *
 * @param json the policy that was evaluated, as plain values
 * @returns undefined where nothing needs correcting, where no policy can help, or where a person must decide: a
 *   Deny, or a condition on something that AWS knows of the request and that is not met
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
  // in an older version "${" begins no variable
  if (policy.Version !== '2012-10-17' && JSON.stringify([kept, others]).includes('${')) return undefined;
  return { ...policy, Version: '2012-10-17', Statement: [statement, ...others] };
}

/** Does it allow something to tokens of this issuer, or to anybody? The nearest one does, or was meant to. */
function isReplaced(result: StatementResult | undefined, request: TrustRequest): boolean {
  if (result === undefined || result.statement.effect !== 'Allow') return false;
  const { principals, exceptPrincipals, actions, exceptActions } = result.statement;
  if (principals.anyone || exceptPrincipals || result.principalMet) return true;
  const isForTokens = principals.federated.length > 0;
  return isForTokens && (exceptActions || actions.some(isWebIdentityAction) || mentions(result, request));
}

/** Whatever is wrong with its principal: its conditions are about this issuer. */
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

/** What else the statement asks of a token, by claims that AWS maps: it is asked of this one, too. */
function testedClaims(nearest: StatementResult | undefined, provider: string): readonly string[] {
  return (nearest?.conditions ?? []).flatMap(({ condition: { key } }) => {
    const claim = key.slice(key.lastIndexOf(':') + 1).toLowerCase();
    const isOwn = key.slice(0, -claim.length - 1).toLowerCase() === provider.toLowerCase();
    return isOwn && isMapped(provider, claim) && !['sub', 'aud'].includes(claim) ? [claim] : [];
  });
}

/** Conditions that are not about the token, and that a request may meet: addresses, regions, times. */
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

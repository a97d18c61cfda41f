import type { Cause } from '../../errors.ts';
import { explainRefusal, unknownRefusal } from '../../explain/refusal.ts';
import type { JobFacts, Refusal, Situation } from '../../explain/situation.ts';
import { explainVerdict, isBareRefusal, type Verdict } from '../../explain/verdict.ts';
import type { Claims } from '../../identity/claims.ts';
import { parseProviderArn } from '../../identity/issuer.ts';
import type { ConditionResult } from '../../trust-policy/condition.ts';
import { type TrustRequest, trustRequest } from '../../trust-policy/context.ts';
import { correctedPolicy, nearestMiss } from '../../trust-policy/correct.ts';
import { type Evaluation, evaluate, type StatementResult } from '../../trust-policy/evaluate.ts';
import type { FoundPolicy } from '../../trust-policy/found-policy.ts';
import { chainedRefusal } from './chained-refusal.ts';

/** How a policy decides about a token, and why. */
export interface PolicyExplanation {
  readonly found: FoundPolicy;
  readonly evaluation: Evaluation;
  /** Most likely cause first; empty if the policy allows the token and there is no error. */
  readonly causes: readonly Cause[];
  /** The policy that would allow exactly this token; undefined if a person has to decide. */
  readonly corrected: unknown;
}

/** What is known about the exchange. */
export interface Question {
  readonly claims: Claims;
  readonly role: (Situation['role'] & { readonly name: string }) | undefined;
  /** STS's error, if there was an exchange. */
  readonly refusal: Refusal | undefined;
  readonly job: JobFacts;
  /** Request keys and their values, which only AWS knows. */
  readonly context: Readonly<Record<string, string>>;
  readonly now: Date;
}

/** Causes that may be an attack: no corrected policy is offered. */
const untrusted = new Set(['subject-fork', 'project-taken-over', 'issuer-look-alike']);

const defaultDurationSeconds = 3600;

/** Evaluates a trust policy against a token, and explains a denial. */
export function explainPolicy(found: FoundPolicy, question: Question): PolicyExplanation {
  const { claims, role, refusal, job, now } = question;
  const request = trustRequest(claims, role, now, question.context);
  const evaluation = evaluate(found.policy, request);
  const situation = {
    role: role ?? assumedRole(found),
    claims,
    durationSeconds: defaultDurationSeconds,
    now,
    job,
  };
  const verdict = verdictOf(evaluation, request, found.policy.version);
  const causes =
    (refusal && chainedRefusal(found.policy, refusal)) ?? explainVerdict(verdict, situation, refusal);
  const isUntrusted = causes.some(({ id }) => untrusted.has(id));
  // no policy can fix an error that STS returns before it evaluates the role
  const isEarlier = refusal !== undefined && !isBareRefusal(refusal);
  const corrected = isUntrusted || isEarlier ? undefined : correctedPolicy(found.json, evaluation, request);
  return { found, evaluation, causes, corrected };
}

/** The causes of an error when the policy is unknown; undefined if there is no error. */
export function explainError(question: Question): readonly Cause[] | undefined {
  const { claims, refusal, now, job } = question;
  if (refusal === undefined) return undefined;
  const role = question.role ?? { account: 'ACCOUNT', partition: 'aws' };
  const situation = { role, claims, durationSeconds: defaultDurationSeconds, now, job };
  const known = explainRefusal(refusal, situation);
  return known.length > 0 ? known : [unknownRefusal(refusal)];
}

/** The account and partition of the policy's provider, if the role is unknown. */
function assumedRole({ policy }: FoundPolicy): Situation['role'] {
  const providers = policy.statements.flatMap(({ principals }) => principals.federated);
  const [provider] = providers.flatMap((arn) => parseProviderArn(arn) ?? []);
  const { account = '', partition = '' } = provider ?? {};
  return {
    account: /^\d{12}$/.test(account) ? account : 'ACCOUNT',
    partition: partition.startsWith('aws') ? partition : 'aws',
  };
}

/** Converts an evaluation to the input of explanations. */
function verdictOf(evaluation: Evaluation, { provider }: TrustRequest, version: string): Verdict {
  const denied = evaluation.statements.findIndex(
    ({ applies, statement }) => applies && statement.effect === 'Deny',
  );
  const nearest = nearestMiss(evaluation) ?? allowing(evaluation);
  const conditions = nearest?.result.conditions ?? [];
  const on = (claim: string) =>
    conditions.filter(
      ({ condition }) => condition.key.toLowerCase() === `${provider}:${claim}`.toLowerCase(),
    );
  return {
    decision: evaluation.decision,
    deniedBy: denied < 0 ? undefined : nameOf(evaluation.statements[denied], denied),
    deniedByAbsent: (evaluation.statements[denied]?.conditions ?? [])
      .filter(({ actual, condition }) => actual === undefined && /not/i.test(condition.operator))
      .map(({ condition }) => condition.key),
    mayDenyBy: evaluation.statements.flatMap(({ mayApply, applies, statement, conditions }) =>
      mayApply && !applies && statement.effect === 'Deny'
        ? conditions.filter(({ unknown }) => unknown).map((one) => toMiss(one, version))
        : [],
    ),
    nearest: nearest && {
      principalMet: nearest.result.principalMet,
      actionMet: nearest.result.actionMet,
      principals: nearest.result.statement.principals,
      exceptPrincipals: nearest.result.statement.exceptPrincipals,
      exceptActions: nearest.result.statement.exceptActions,
      actions: nearest.result.statement.actions,
      misses: conditions.filter(({ met }) => !met).map((one) => toMiss(one, version)),
      audiences: on('aud').flatMap(({ condition }) => condition.values),
      subjectMet: on('sub').length > 0 && on('sub').every(({ met }) => met),
      projectIdMet: on('project_id').length > 0 && on('project_id').every(({ met }) => met),
    },
  };
}

function allowing({ statements }: Evaluation) {
  const index = statements.findIndex(({ applies, statement }) => applies && statement.effect === 'Allow');
  const result = statements[index];
  return result && { index, result };
}

function toMiss({ condition, actual, note }: ConditionResult, version: string) {
  const { operator, key, values } = condition;
  return { operator, key, wanted: values, actual, note, withoutVariables: version !== '2012-10-17' };
}

/** A statement's number, counted from 1 as IAM does, and its Sid. */
export function nameOf(result: StatementResult | undefined, index: number): string {
  const sid = result?.statement.sid;
  return sid === undefined ? `Statement ${index + 1}` : `Statement ${index + 1} ("${sid}")`;
}

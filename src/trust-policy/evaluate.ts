import { isReference, parseProviderArn } from '../identity/issuer.ts';
import { isLike } from '../identity/pattern.ts';
import { type ConditionResult, evaluateCondition } from './condition.ts';
import type { TrustRequest } from './context.ts';
import { webIdentityAction } from './exact-statement.ts';
import { prefixesOf, type Statement, type TrustPolicy } from './policy.ts';

/** What became of one statement. */
export interface StatementResult {
  readonly statement: Statement;
  /** Every part of it is met: its effect counts. */
  readonly applies: boolean;
  /** It applies, or would if what AWS alone knows were as it asks. */
  readonly mayApply: boolean;
  readonly principalMet: boolean;
  readonly actionMet: boolean;
  readonly conditions: readonly ConditionResult[];
}

export interface Evaluation {
  readonly allowed: boolean;
  /**
   * `implicit-deny`: nothing allows it. `explicit-deny`: a Deny applies, whatever else allows it. `unknown`: it
   * depends on what AWS alone knows of the request, its address for example.
   */
  readonly decision: 'allow' | 'implicit-deny' | 'explicit-deny' | 'unknown';
  readonly statements: readonly StatementResult[];
}

/**
 * Decides AssumeRoleWithWebIdentity by a trust policy as IAM does: Deny before Allow, and no without either.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluate(policy: TrustPolicy, request: TrustRequest): Evaluation {
  const statements = policy.statements.map((statement) =>
    evaluateStatement(statement, request, policy.version),
  );
  const of = (effect: string) => statements.filter(({ statement }) => statement.effect === effect);
  const decision = decide(of('Deny'), of('Allow'));
  return { allowed: decision === 'allow', decision, statements };
}

function decide(
  denying: readonly StatementResult[],
  allowing: readonly StatementResult[],
): Evaluation['decision'] {
  if (denying.some(({ applies }) => applies)) return 'explicit-deny';
  if (!allowing.some(({ mayApply }) => mayApply)) return 'implicit-deny';
  const isCertain = allowing.some(({ applies }) => applies) && !denying.some(({ mayApply }) => mayApply);
  return isCertain ? 'allow' : 'unknown';
}

function evaluateStatement(statement: Statement, request: TrustRequest, version: string): StatementResult {
  const principalMet = meetsPrincipal(statement, request);
  const actionMet = statement.actions.some(isWebIdentityAction) !== statement.exceptActions;
  const conditions = statement.conditions.map((condition) => {
    // "${Provider}:sub": a key whose issuer the deployment fills in
    const key = condition.key.replace(/^\$\{[^}]*\}(?=:)/, () => request.provider);
    return evaluateCondition({ ...condition, key }, request.context, version);
  });
  const isMeant = principalMet && actionMet;
  const applies = isMeant && conditions.every(({ met }) => met);
  const mayApply = isMeant && conditions.every(({ met, unknown }) => met || unknown);
  return { statement, applies, mayApply, principalMet, actionMet, conditions };
}

/** Actions are compared without regard to case, with wildcards. */
export function isWebIdentityAction(pattern: string): boolean {
  return isLike(webIdentityAction.toLowerCase(), [{ text: pattern.toLowerCase(), literal: false }]);
}

/** What a template leaves open is judged by the issuer that the conditions are about. */
function meetsPrincipal(
  { principals, exceptPrincipals, conditions }: Statement,
  request: TrustRequest,
): boolean {
  const own = prefixesOf(conditions);
  const isMeant = (arn: string) =>
    isReference(arn)
      ? own.length === 0 || own.includes(request.provider.toLowerCase())
      : isProvider(arn, request);
  const named = principals.anyone || principals.federated.some((arn) => arn === '*' || isMeant(arn));
  return named !== exceptPrincipals;
}

function isProvider(arn: string, { provider, account, partition }: TrustRequest): boolean {
  const parsed = parseProviderArn(arn);
  if (parsed?.name !== provider) return false;
  return isSame(parsed.account, account) && isSame(parsed.partition, partition);
}

/** What a template leaves to the deployment (`${AWS::AccountId}`) is the role's own. */
function isSame(named: string, own: string | undefined): boolean {
  return own === undefined || named === own || named.startsWith('${');
}

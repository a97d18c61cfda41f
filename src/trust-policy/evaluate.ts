import { isReference, parseProviderArn } from '../identity/issuer.ts';
import { type ConditionResult, evaluateCondition } from './condition.ts';
import type { TrustRequest } from './context.ts';
import { prefixesOf, type Statement, type TrustPolicy } from './policy.ts';
import { namesWebIdentityAction } from './web-identity.ts';

/** The result of one statement. */
export interface StatementResult {
  readonly statement: Statement;
  /** All parts are met, so its effect applies. */
  readonly applies: boolean;
  /** It applies, or would apply with suitable values that only AWS knows. */
  readonly mayApply: boolean;
  readonly principalMet: boolean;
  readonly actionMet: boolean;
  readonly conditions: readonly ConditionResult[];
}

export interface Evaluation {
  readonly allowed: boolean;
  /**
   * `implicit-deny`: nothing allows the request. `explicit-deny`: a Deny applies. `unknown`: the decision depends on
   * a value that only AWS knows, such as the source address.
   */
  readonly decision: 'allow' | 'implicit-deny' | 'explicit-deny' | 'unknown';
  readonly statements: readonly StatementResult[];
}

/**
 * Evaluates a trust policy for AssumeRoleWithWebIdentity as IAM does: Deny overrides Allow, and the default is deny.
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
  const actionMet = namesWebIdentityAction(statement);
  const conditions = statement.conditions.map((condition) => {
    // "${Provider}:sub": the deployment inserts the issuer
    const key = condition.key.replace(/^\$\{[^}]*\}(?=:)/, () => request.provider);
    return evaluateCondition({ ...condition, key }, request.context, version);
  });
  const isMeant = principalMet && actionMet;
  const applies = isMeant && conditions.every(({ met }) => met);
  const mayApply = isMeant && conditions.every(({ met, unknown }) => met || unknown);
  return { statement, applies, mayApply, principalMet, actionMet, conditions };
}

/** A template reference counts as the issuer of the statement's conditions. */
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

/** A template reference such as `${AWS::AccountId}` counts as the role's own value. */
function isSame(named: string, own: string | undefined): boolean {
  return own === undefined || named === own || named.startsWith('${');
}

import { isLike } from '../identity/pattern.ts';
import { webIdentityAction } from './exact-statement.ts';
import type { Condition, Statement } from './policy.ts';

/** Does the pattern of an action match AssumeRoleWithWebIdentity? Actions are not case-sensitive. */
export function isWebIdentityAction(pattern: string): boolean {
  return isLike(webIdentityAction.toLowerCase(), [{ text: pattern.toLowerCase(), literal: false }]);
}

/** Is the statement about AssumeRoleWithWebIdentity, by `Action` or `NotAction`? */
export function namesWebIdentityAction({ actions, exceptActions }: Statement): boolean {
  return actions.some(isWebIdentityAction) !== exceptActions;
}

/** Does the statement concern tokens? Statements for SAML, other services and accounts do not. */
export function isAboutWebIdentity(statement: Statement): boolean {
  const { principals, exceptPrincipals } = statement;
  const oidc = principals.federated.some(
    (arn) => arn === '*' || arn.includes(':oidc-provider/') || !arn.startsWith('arn:'),
  );
  return oidc || (namesWebIdentityAction(statement) && (principals.anyone || exceptPrincipals));
}

/** An Allow statement with the conditions that the policy's Deny statements add to it. */
export function narrowed(allow: Statement, all: readonly Statement[]): Statement {
  return { ...allow, conditions: [...allow.conditions, ...all.flatMap((one) => narrowedBy(one, allow))] };
}

/**
 * The conditions that a Deny adds to an Allow: denying all other values has the same effect as allowing only these.
 * That holds if it is the only condition, and the Deny applies to the same action and principals.
 */
function narrowedBy(deny: Statement, allow: Statement): readonly Condition[] {
  const [only, ...others] = deny.conditions;
  if (only === undefined || others.length > 0 || !coversTokensOf(deny, allow)) return [];
  // a variable without a value meets no condition, so such a Deny would exclude nothing
  if (only.values.some((value) => value.includes('${'))) return [];
  const [, kind] = /^StringNot(Equals|Like)$/i.exec(only.operator) ?? [];
  return kind === undefined ? [] : [{ ...only, operator: `String${kind}` }];
}

/** Does a Deny without conditions exclude every token that the Allow accepts? */
export function isDeniedBy(deny: Statement, allow: Statement): boolean {
  return deny.conditions.length === 0 && coversTokensOf(deny, allow);
}

/** Is it a Deny for AssumeRoleWithWebIdentity and every principal that the other statement allows? */
function coversTokensOf(deny: Statement, allow: Statement): boolean {
  if (deny.effect !== 'Deny' || !namesWebIdentityAction(deny)) return false;
  if (deny.principals.anyone || deny.exceptPrincipals)
    return deny.principals.anyone && !deny.exceptPrincipals;
  const { anyone, federated } = allow.principals;
  return (
    !anyone && !allow.exceptPrincipals && federated.every((arn) => deny.principals.federated.includes(arn))
  );
}

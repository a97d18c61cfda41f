import type { Cause } from '../../errors.ts';
import type { Refusal } from '../../explain/situation.ts';
import { isLike } from '../../identity/pattern.ts';
import type { Statement, TrustPolicy } from '../../trust-policy/policy.ts';

const chained =
  /arn:[\w-]+:sts::(\d{12}):assumed-role\/([\w+=,.@-]+)\/\S+ is not authorized to perform: (sts:\w+)/;

/**
 * Explains why a chained role is refused although its trust policy has a statement for the caller and the action.
 *
 * @returns undefined for other errors, or if the policy has no such statement
 */
export function chainedRefusal({ statements }: TrustPolicy, refusal: Refusal): readonly Cause[] | undefined {
  const [, account = '', role = '', action = ''] = chained.exec(refusal.message) ?? [];
  const statement = statements.find((one) => allows(one, action, account, role));
  if (action === '' || statement === undefined) return undefined;
  const tested = statement.conditions.map(({ key }) => `"${key}"`).join(', ');
  const conditions = tested === '' ? '' : ` Check its conditions on ${tested}.`;
  return [
    {
      id: 'chain-not-allowed',
      summary: `This policy has a statement that allows ${action} to the role ${role}.`,
      evidence: refusal.message,
      remedy: `The permissions of the role ${role} must allow ${action}, too, if the roles are in different accounts.${conditions} Check that this is the policy of the role in the error.`,
    },
  ];
}

/** Does the statement name the action, and the role or its account? */
function allows(
  { effect, actions, exceptActions, principals }: Statement,
  action: string,
  account: string,
  role: string,
) {
  const isRole = (arn: string) =>
    arn === account ||
    arn.endsWith(`:iam::${account}:root`) ||
    (arn.includes(`:iam::${account}:role/`) && arn.endsWith(`/${role}`));
  const isNamed = actions.some((one) =>
    isLike(action.toLowerCase(), [{ text: one.toLowerCase(), literal: false }]),
  );
  return (
    effect === 'Allow' && !exceptActions && isNamed && (principals.anyone || principals.others.some(isRole))
  );
}

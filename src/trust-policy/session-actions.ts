import { isLike } from '../identity/pattern.ts';
import type { Statement } from './policy.ts';
import type { Hit, Rule } from './rule.ts';

/** Actions that start a session. */
const startingActions = ['sts:AssumeRole', 'sts:AssumeRoleWithWebIdentity', 'sts:AssumeRoleWithSAML'];

/**
 * Actions that are checked in addition, if the request passes tags, a source identity or a context.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
 */
const addingActions = ['sts:TagSession', 'sts:SetSourceIdentity', 'sts:SetContext'];

type ActionRule = Omit<Rule, 'find'>;

const unknownAction: ActionRule = {
  id: 'unknown-action',
  severity: 'major',
  reason: 'A trust policy is about the actions of STS that start a session; this is not one of them.',
};

const actionAlone: ActionRule = {
  id: 'action-alone',
  severity: 'major',
  reason: 'This action only adds to a session: nothing in the policy allows a session to start.',
};

/** Does the statement only allow additions to sessions, so that it gives nobody access? */
export function onlyAdds({ actions, exceptActions }: Statement): boolean {
  const adds = (action: string) => matchesAny(action, addingActions) && !matchesAny(action, startingActions);
  return !exceptActions && actions.length > 0 && actions.every(adds);
}

/** Finds misspelled actions, and additions to sessions that cannot start. */
export function actionHits(
  statement: Statement,
  all: readonly Statement[],
): readonly (readonly [rule: ActionRule, hit: Hit])[] {
  const { actions, offset } = statement;
  const known = [...startingActions, ...addingActions];
  const unknown = actions
    .filter((action) => /^[\w-]+:[\w*?]+$/.test(action) && !matchesAny(action, known))
    .map((action) => {
      const fix = `Write one of ${known.join(', ')}.`;
      return [unknownAction, { offset, detail: `"Action": "${action}"`, fix }] as const;
    });
  const starts = all.some((one) => one.effect === 'Allow' && !onlyAdds(one));
  if (starts || statement.effect !== 'Allow' || !onlyAdds(statement)) return unknown;
  const detail = `"Action": "${actions.join('", "')}"`;
  const fix = 'Also allow sts:AssumeRole, or for an identity provider sts:AssumeRoleWithWebIdentity.';
  return [...unknown, [actionAlone, { offset, detail, fix }]];
}

/** Actions are not case-sensitive. */
function matchesAny(pattern: string, actions: readonly string[]): boolean {
  const text = pattern.toLowerCase();
  return actions.some((action) => isLike(action.toLowerCase(), [{ text, literal: false }]));
}

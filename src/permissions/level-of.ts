import { type AccessLevel, isHigher } from './access-level.ts';
import type { PermissionStatement } from './identity-policy.ts';
import {
  escalatingActions,
  harmlessIamActions,
  misnamedActions,
  readingActions,
  readingNames,
  selfGrantingActions,
} from './notable-actions.ts';
import { contains, matchesEverything, overlap } from './pattern-sets.ts';
import {
  concerns,
  isDenied,
  isForAll,
  isForAnyoneInIam,
  isForIam,
  isForItself,
  type JudgedRole,
} from './statement-scope.ts';

/** A level, and the actions because of which a set of statements has it. */
export interface Judgment {
  readonly level: AccessLevel;
  readonly actions: readonly string[];
}

/**
 * Judges statements together, as if every condition were met and every listed resource existed. The result is an
 * upper bound: a Deny counts only if it has no condition and applies to all resources.
 */
export function levelOf(statements: readonly PermissionStatement[], role: JudgedRole): Judgment {
  const allowing = statements.filter(({ effect }) => effect === 'Allow');
  const denying = statements.filter(({ effect }) => effect === 'Deny');
  const services = wholeServices(allowing, denying);
  // from the highest level down; the first one with an action is the level
  const find: readonly (readonly [level: AccessLevel, actions: () => readonly string[]])[] = [
    ['administrator', () => administering(allowing, denying)],
    ['privilege-escalation', () => escalating(allowing, denying, role)],
    ['iam-write', () => changingIam(allowing, denying)],
    ['full-service', () => services],
    ['limited', () => allowedActions(allowing, denying, (one) => !isReading(one))],
    ['read-only', () => allowedActions(allowing, denying, isReading)],
  ];
  for (const [level, actionsOf] of find) {
    const actions = actionsOf();
    // whole services matter whatever else is allowed
    const more = isHigher(level, 'full-service') ? services : [];
    if (actions.length > 0) return { level, actions: [...new Set([...actions, ...more])] };
  }
  return { level: 'none', actions: [] };
}

/** Everything, or everything with exceptions, as long as some of what grants permissions is left. */
function administering(
  allowing: readonly PermissionStatement[],
  denying: readonly PermissionStatement[],
): readonly string[] {
  const grants = escalatingActions.filter((action) => !['iam:PassRole', 'sts:AssumeRole'].includes(action));
  return allowing
    .filter((one) => isUniversal(one) && isForAll(one, 'iam'))
    .filter((one) => grants.some((action) => concerns(one, action) && !isDenied(action, denying)))
    .map(inWords);
}

function escalating(
  allowing: readonly PermissionStatement[],
  denying: readonly PermissionStatement[],
  role: JudgedRole,
): readonly string[] {
  const relevant = allowing.filter(mayEscalate);
  if (relevant.length === 0) return [];
  return escalatingActions
    .filter((action) => !isDenied(action, denying))
    .flatMap((action) => {
      const isSelfGranting = selfGrantingActions.includes(action);
      const reaching = relevant.filter(
        (one) =>
          concerns(one, action) && (isForAnyoneInIam(one) || (isSelfGranting && isForItself(one, role))),
      );
      return reaching.length === 0 ? [] : [`${action} on ${resourcesOf(reaching)}`];
    });
}

/** Does it concern any action of the services of all escalating actions? */
function mayEscalate({ actions, exceptActions }: PermissionStatement): boolean {
  return exceptActions || actions.some((one) => overlap(one, 'iam:*') || overlap(one, 'sts:*'));
}

function changingIam(
  allowing: readonly PermissionStatement[],
  denying: readonly PermissionStatement[],
): readonly string[] {
  if (isDenied('iam:*', denying)) return [];
  const isHarmless = (pattern: string) => harmlessIamActions.some((one) => contains(one, pattern));
  return allowing.filter(isForIam).flatMap((one) => {
    if (one.exceptActions)
      return one.actions.some((except) => contains(except, 'iam:*')) ? [] : [inWords(one)];
    return one.actions.filter((pattern) => {
      const inIam = partInIam(pattern);
      if (inIam === undefined || isReading(inIam)) return false;
      return !isHarmless(inIam) && !isDenied(inIam, denying);
    });
  });
}

/** The actions of IAM that a pattern matches, as a pattern; undefined if there are none. */
function partInIam(pattern: string): string | undefined {
  const [service = '', action = service] = pattern.split(':');
  return overlap(service, 'iam') || (!pattern.includes(':') && service.includes('*'))
    ? `iam:${action}`
    : undefined;
}

function wholeServices(
  allowing: readonly PermissionStatement[],
  denying: readonly PermissionStatement[],
): readonly string[] {
  return allowing.flatMap((one) => {
    if (isUniversal(one)) return isForAll(one, '*') && !isDenied('*', denying) ? [inWords(one)] : [];
    if (one.exceptActions) return [];
    return one.actions.filter((pattern) => {
      const [service = '', action = ''] = pattern.split(':');
      return matchesEverything(action) && isForAll(one, service) && !isDenied(pattern, denying);
    });
  });
}

/** The patterns of actions that are wanted; a `NotAction` always is, because it leaves more than it lists. */
function allowedActions(
  allowing: readonly PermissionStatement[],
  denying: readonly PermissionStatement[],
  isWanted: (pattern: string) => boolean,
): readonly string[] {
  const all = allowing.flatMap((one) => {
    if (one.exceptActions) return isDenied('*', denying) ? [] : [inWords(one)];
    return one.actions.filter((pattern) => isWanted(pattern) && !isDenied(pattern, denying));
  });
  return [...new Set(all)];
}

/** Most roles have the same few hundred actions. */
const knownReading = new Map<string, boolean>();
const maxKnown = 10_000;

function isReading(pattern: string): boolean {
  const known = knownReading.get(pattern);
  if (known !== undefined) return known;
  const [, action = ''] = pattern.split(':');
  const reads =
    !misnamedActions.some((one) => overlap(one, pattern)) &&
    (readingNames.some((name) => contains(name, action)) ||
      readingActions.some((one) => contains(one, pattern)));
  if (knownReading.size >= maxKnown) knownReading.clear();
  knownReading.set(pattern, reads);
  return reads;
}

/** Does it allow every action, or every action with exceptions? */
function isUniversal({ actions, exceptActions }: PermissionStatement): boolean {
  return exceptActions || actions.some((pattern) => pattern.split(':').every(matchesEverything));
}

function inWords({ actions, exceptActions }: PermissionStatement): string {
  return exceptActions ? `everything except ${actions.join(', ')}` : '*';
}

function resourcesOf(statements: readonly PermissionStatement[]): string {
  const found = statements.flatMap(({ resources, exceptResources }) =>
    exceptResources ? [`everything except ${resources.join(', ')}`] : resources,
  );
  return [...new Set(found)].slice(0, 3).join(', ');
}

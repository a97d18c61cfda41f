import type { ChainedSession } from './key-store.ts';
import { StsRefusal } from './sts-errors.ts';

const maxTags = 50;

/**
 * The tags and source identity of a chained session: those in the request, and those inherited from the caller.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 *
 * @throws {StsRefusal} if STS would not accept them
 */
export function chainedSession(parameters: URLSearchParams, caller: ChainedSession): ChainedSession {
  const requested = requestedTags(parameters);
  const inherited = [...caller.tags].filter(([key]) => caller.transitiveKeys.includes(key));
  const inheritedKeys = new Set(inherited.map(([key]) => key.toLowerCase()));
  if (requested.some(([key]) => inheritedKeys.has(key.toLowerCase())))
    throw new StsRefusal('inheritedTagKey');
  const sourceIdentity = parameters.get('SourceIdentity') ?? undefined;
  checkSourceIdentity(sourceIdentity, caller.sourceIdentity);
  return {
    tags: new Map([...inherited, ...requested]),
    transitiveKeys: [...caller.transitiveKeys, ...membersOf(parameters, 'TransitiveTagKeys')],
    sourceIdentity: sourceIdentity ?? caller.sourceIdentity,
  };
}

/** The actions that the trust policy must allow: inherited tags and source identities count, too. */
export function neededActions({ tags, sourceIdentity }: ChainedSession): readonly string[] {
  return [
    'sts:AssumeRole',
    ...(tags.size > 0 ? ['sts:TagSession'] : []),
    ...(sourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
  ];
}

/** Lists are numbered from 1: `TransitiveTagKeys.member.1`. */
function membersOf(parameters: URLSearchParams, list: string, field = ''): readonly string[] {
  const values: string[] = [];
  for (;;) {
    const value = parameters.get(`${list}.member.${values.length + 1}${field}`);
    if (value === null) return values;
    values.push(value);
  }
}

function requestedTags(parameters: URLSearchParams): readonly (readonly [key: string, value: string])[] {
  const values = membersOf(parameters, 'Tags', '.Value');
  const tags = membersOf(parameters, 'Tags', '.Key').map((key, index) => [key, values[index] ?? ''] as const);
  if (tags.length > maxTags || !tags.every(isTag)) throw new StsRefusal('invalidTag');
  const keys = new Set(tags.map(([key]) => key.toLowerCase()));
  if (keys.size < tags.length) throw new StsRefusal('tagKeyTwice');
  return tags;
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html */
function isTag([key, value]: readonly [string, string]): boolean {
  const isText = (text: string) => /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text) && !/^aws:/i.test(text);
  return isText(key) && isText(value) && key.length > 0 && key.length <= 128 && value.length <= 256;
}

function checkSourceIdentity(requested: string | undefined, inherited: string | undefined): void {
  if (requested === undefined) return;
  if (!/^[\w+=,.@-]{2,64}$/.test(requested)) throw new StsRefusal('invalidSourceIdentity');
  if (inherited !== undefined && inherited !== requested) throw new StsRefusal('invalidSourceIdentity');
}

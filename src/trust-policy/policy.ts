import { itemsOf, type Source, type SourceProblem, textOf } from './source.ts';

/** A trust policy as written; offsets refer to the text it was read from. */
export interface TrustPolicy {
  readonly version: string;
  readonly statements: readonly Statement[];
  /** The reasons why IAM would reject it. */
  readonly problems: readonly SourceProblem[];
  readonly offset: number;
}

export interface Statement {
  readonly sid: string | undefined;
  readonly effect: 'Allow' | 'Deny';
  readonly principals: Principals;
  /** True for `NotPrincipal`: everyone except these. */
  readonly exceptPrincipals: boolean;
  readonly actions: readonly string[];
  /** True for `NotAction`. */
  readonly exceptActions: boolean;
  readonly conditions: readonly Condition[];
  readonly offset: number;
}

export interface Principals {
  /** `"Principal": "*"`, or the equivalent `{"AWS": "*"}`. */
  readonly anyone: boolean;
  readonly federated: readonly string[];
  /** Accounts, roles, users and services, which are not web identities. */
  readonly others: readonly string[];
  readonly offset: number;
}

/** One operator and one key: all conditions must be met, by any one of their values. */
export interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
  readonly offset: number;
}

/** The issuers of condition keys, in lower case; keys of AWS and template references have none. */
export function prefixesOf(conditions: readonly Condition[]): readonly string[] {
  const prefixes = conditions.map(({ key }) => key.slice(0, Math.max(key.lastIndexOf(':'), 0)).toLowerCase());
  return [...new Set(prefixes)].filter((prefix) => prefix !== '' && !/^(aws|sts|iam)$|^\$\{/.test(prefix));
}

/**
 * Reads a trust policy. Errors are collected, not thrown, so that the rest of the policy can still be checked.
 * Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function readPolicy(source: Source): TrustPolicy {
  const problems: SourceProblem[] = [];
  const fields = fieldsOf(source, ['Version', 'Id', 'Statement'], 'the policy', problems);
  const version = textOf(fields.get('Version')) ?? '2008-10-17';
  if (!['2012-10-17', '2008-10-17'].includes(version)) {
    problems.push({
      message: '"Version" must be 2012-10-17',
      offset: offsetOf(fields.get('Version'), source),
    });
  }
  const list = itemsOf(fields.get('Statement'));
  if (list.length === 0) problems.push({ message: '"Statement" is missing', offset: source.offset });
  const statements = list.map((item) => readStatement(item, problems));
  return { version, statements, problems, offset: source.offset };
}

const statementFields = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Condition',
] as const;

function readStatement(source: Source, problems: SourceProblem[]): Statement {
  const fields = fieldsOf(source, statementFields, 'a statement', problems);
  const { offset } = source;
  const effect = textOf(fields.get('Effect'));
  if (effect !== 'Allow' && effect !== 'Deny') {
    problems.push({
      message: '"Effect" must be "Allow" or "Deny"',
      offset: offsetOf(fields.get('Effect'), source),
    });
  }
  for (const pair of [['Principal', 'NotPrincipal'] as const, ['Action', 'NotAction'] as const]) {
    const found = pair.filter((name) => fields.has(name)).length;
    if (found !== 1) problems.push({ message: `must have either "${pair[0]}" or "${pair[1]}"`, offset });
  }
  return {
    sid: textOf(fields.get('Sid')),
    effect: effect === 'Deny' ? 'Deny' : 'Allow',
    principals: readPrincipals(fields.get('Principal') ?? fields.get('NotPrincipal'), offset, problems),
    exceptPrincipals: fields.has('NotPrincipal'),
    actions: textsOf(fields.get('Action') ?? fields.get('NotAction'), problems),
    exceptActions: fields.has('NotAction'),
    conditions: readConditions(fields.get('Condition'), problems),
    offset,
  };
}

function readPrincipals(source: Source | undefined, at: number, problems: SourceProblem[]): Principals {
  const offset = source?.offset ?? at;
  if (source === undefined || source.kind !== 'object') {
    const text = textOf(source);
    if (source !== undefined && source.kind !== 'opaque' && text !== '*') {
      problems.push({
        message: 'a principal must be "*" or an object such as {"Federated": "arn:…"}',
        offset,
      });
    }
    // a template reference can resolve to any principal
    const isReference = source?.kind === 'opaque' && text !== undefined;
    return { anyone: text === '*', federated: isReference ? [text] : [], others: [], offset };
  }
  const known = ['Federated', 'AWS', 'Service', 'CanonicalUser'];
  const fields = fieldsOf(source, known, 'a principal', problems);
  return {
    anyone: itemsOf(fields.get('AWS')).some((item) => textOf(item) === '*'),
    federated: textsOf(fields.get('Federated'), problems),
    others: ['AWS', 'Service', 'CanonicalUser'].flatMap((kind) => textsOf(fields.get(kind), problems)),
    offset,
  };
}

function readConditions(source: Source | undefined, problems: SourceProblem[]): readonly Condition[] {
  if (source === undefined || source.kind === 'opaque') return [];
  return [...entriesOf(source, '"Condition"', problems)].flatMap(({ key: operator, value: block }) =>
    entriesOf(block, `"${operator}"`, problems).map(({ key, value, offset }) => {
      return { operator, key, values: textsOf(value, problems), offset };
    }),
  );
}

/** The members of an object; unknown names are reported. */
function fieldsOf(
  source: Source,
  known: readonly string[],
  what: string,
  problems: SourceProblem[],
): ReadonlyMap<string, Source> {
  const entries = entriesOf(source, what, problems);
  for (const { key, offset } of entries) {
    if (known.includes(key)) continue;
    const why = key === 'Resource' ? ': a trust policy applies to its own role' : '';
    problems.push({ message: `"${key}" is not an element of ${what}${why}`, offset });
  }
  return new Map(entries.map(({ key, value }) => [key, value]));
}

function entriesOf(source: Source, what: string, problems: SourceProblem[]) {
  if (source.kind === 'opaque') return [];
  if (source.kind !== 'object') {
    problems.push({ message: `${what} must be an object`, offset: source.offset });
    return [];
  }
  const seen = new Set<string>();
  for (const { key, offset } of source.entries) {
    if (seen.has(key))
      problems.push({ message: `"${key}" occurs twice in ${what}: only the last one counts`, offset });
    seen.add(key);
  }
  return source.entries.filter((entry) => source.entries.findLast(({ key }) => key === entry.key) === entry);
}

function textsOf(source: Source | undefined, problems: SourceProblem[]): readonly string[] {
  return itemsOf(source).flatMap((item) => {
    const text = textOf(item);
    if (text === undefined) problems.push({ message: 'must be a string', offset: item.offset });
    return text ?? [];
  });
}

function offsetOf(source: Source | undefined, parent: Source): number {
  return source?.offset ?? parent.offset;
}

/**
 * IAM's decision a second time, slow and to the letter of AWS's documentation, to compare the evaluator with.
 * It shares no code with it: patterns become regular expressions, operators are spelled out one by one.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export interface OracleStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Condition: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

export type OracleContext = Readonly<Record<string, readonly string[]>>;

/** "By default, all requests are denied. An explicit deny overrides any allows." */
export function oracleAllows(statements: readonly OracleStatement[], context: OracleContext): boolean {
  const matching = statements.filter(({ Condition }) =>
    Object.entries(Condition).every(([operator, block]) =>
      Object.entries(block).every(([key, values]) => oracleMeets(operator, key, values, context)),
    ),
  );
  if (matching.some(({ Effect }) => Effect === 'Deny')) return false;
  return matching.some(({ Effect }) => Effect === 'Allow');
}

export function oracleMeets(
  operator: string,
  key: string,
  values: readonly string[],
  context: OracleContext,
): boolean {
  const found = Object.keys(context).find((name) => name.toLowerCase() === key.toLowerCase());
  const present = found === undefined ? [] : (context[found] ?? []);
  if (operator === 'Null') return values.some((value) => value === (found === undefined ? 'true' : 'false'));
  const [, set, name = '', ifExists] = /^(ForAnyValue:|ForAllValues:)?(.*?)(IfExists)?$/.exec(operator) ?? [];
  const negative = /Not/.test(name);
  const one = (value: string) => {
    const base = name.replace('Not', '').replace(/^Ip/, 'Ip');
    const results = values.map((wanted) => single(base, value, wanted));
    if (negative) return results.every((result) => result === 'no');
    return results.some((result) => result === 'yes');
  };
  // "If the condition key is not present in the request, evaluate the condition element as true"
  if (found === undefined && ifExists !== undefined) return true;
  if (set === 'ForAllValues:')
    return found === undefined || present.filter((value) => !one(value)).length === 0;
  if (set === 'ForAnyValue:') return found !== undefined && present.filter(one).length > 0;
  if (found === undefined) return negative;
  if (present.length > 1) return false;
  return one(present[0] ?? '');
}

/** "yes", "no", or "never" where the values are not of the operator's type. */
function single(base: string, value: string, wanted: string): 'yes' | 'no' | 'never' {
  const answer = (result: boolean) => (result ? 'yes' : 'no');
  switch (base) {
    case 'StringEquals':
      return answer(value === wanted);
    case 'StringEqualsIgnoreCase':
      return answer(value.toLowerCase() === wanted.toLowerCase());
    case 'StringLike':
      return answer(asExpression(wanted).test(value));
    case 'ArnEquals':
    case 'ArnLike': {
      const [mine, theirs] = [value.split(':'), wanted.split(':')];
      if (mine.length < 6 || theirs.length < 6 || mine[0] !== 'arn' || theirs[0] !== 'arn') return 'never';
      const parts = [0, 1, 2, 3, 4].every((index) =>
        asExpression(theirs[index] ?? '').test(mine[index] ?? ''),
      );
      return answer(parts && asExpression(theirs.slice(5).join(':')).test(mine.slice(5).join(':')));
    }
    case 'Bool':
      if (!['true', 'false'].includes(value) || !['true', 'false'].includes(wanted)) return 'never';
      return answer(value === wanted);
    default:
      return ordered(base, value, wanted);
  }
}

function ordered(base: string, value: string, wanted: string): 'yes' | 'no' | 'never' {
  const [kind, comparison] = [/^(Numeric|Date)/.exec(base)?.[0], base.replace(/^(Numeric|Date)/, '')];
  const parse = (text: string) => {
    if (/^\d+$/.test(text)) return kind === 'Date' ? Number(text) * 1000 : Number(text);
    return kind === 'Date' && /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN;
  };
  const [a, b] = [parse(value), parse(wanted)];
  if (Number.isNaN(a) || Number.isNaN(b)) return 'never';
  const table: Record<string, boolean> = {
    Equals: a === b,
    LessThan: a < b,
    LessThanEquals: a < b || a === b,
    GreaterThan: a > b,
    GreaterThanEquals: a > b || a === b,
  };
  return table[comparison] ? 'yes' : 'no';
}

/** "a multi-character match wildcard (*) and a single-character match wildcard (?) anywhere in the string" */
function asExpression(pattern: string): RegExp {
  const source = [...pattern].map((character) => {
    if (character === '*') return '[^]*';
    return character === '?' ? '[^]' : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
  return new RegExp(`^${source.join('')}$`, 'u');
}

import type { Cause } from '../errors.ts';
import type { Miss } from './miss.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const operators = [
  ...['Equals', 'NotEquals', 'EqualsIgnoreCase', 'NotEqualsIgnoreCase', 'Like', 'NotLike'].map(
    (one) => `String${one}`,
  ),
  ...['Numeric', 'Date'].flatMap((kind) =>
    ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'].map(
      (one) => kind + one,
    ),
  ),
  'Bool',
  'BinaryEquals',
  'IpAddress',
  'NotIpAddress',
  'ArnEquals',
  'ArnLike',
  'ArnNotEquals',
  'ArnNotLike',
  'Null',
];

/** Explains a mistake in the operator itself; undefined if the operator can compare the claim. */
export function operatorMistake(miss: Miss): Cause | undefined {
  const [, quantifier = '', rest = ''] = /^(ForAnyValue:|ForAllValues:)?(.*)$/i.exec(miss.operator) ?? [];
  const base = rest.replace(/IfExists$/i, '');
  const known = operators.find((one) => one.toLowerCase() === base.toLowerCase());
  if (known === undefined || (known === 'Null' && base !== rest))
    return unknownOperator(miss, quantifier, base);
  if (known === 'Null') return wantsAbsence(miss);
  if (miss.wanted.length === 0) return noValues(miss);
  const fits =
    known.startsWith('String') ||
    (known === 'Bool' && !/:(sub|aud)$/i.test(miss.key)) ||
    (known.startsWith('Numeric') && isNumber(miss));
  if (!fits && !/^(aws|sts):/i.test(miss.key)) return wrongKind(miss, known);
  return undefined;
}

function isNumber({ wanted, actual = [] }: Miss): boolean {
  return [...wanted, ...actual].every((value) => /^\d+$/.test(value));
}

function unknownOperator({ operator, key, wanted }: Miss, quantifier: string, base: string): Cause {
  if (operators.some((one) => one.toLowerCase() === key.toLowerCase())) {
    return {
      id: 'operator-and-key-swapped',
      summary: 'The operator and the condition key are swapped.',
      evidence: `The policy has {"${operator}": {"${key}": …}}.`,
      remedy: `Write {"${key}": {"${operator}": ${JSON.stringify(wanted[0] ?? '')}}}.`,
    };
  }
  const nearest = operators.toSorted((a, b) => distance(a, base) - distance(b, base))[0] ?? '';
  return {
    id: 'operator-unknown',
    summary: 'IAM has no such condition operator.',
    evidence: `"${operator}" on "${key}".`,
    remedy: `Write "${quantifier}${nearest}".`,
  };
}

function wantsAbsence({ operator, key, wanted, actual }: Miss): Cause {
  return {
    id: 'condition-null',
    summary:
      actual === undefined
        ? 'The policy requires a claim that the token does not have.'
        : 'The policy requires a claim to be absent, but the token has it.',
    evidence: `"${operator}": {"${key}": "${wanted.join('", "')}"} means that the key must be ${actual === undefined ? 'present' : 'absent'}.`,
    remedy: 'Remove the condition, and pin sub and aud to exact values with StringEquals.',
  };
}

function noValues({ operator, key }: Miss): Cause {
  return {
    id: 'condition-empty',
    summary: 'The condition has an empty list of values, so nothing matches.',
    evidence: `{"${operator}": {"${key}": []}}.`,
    remedy: 'Add the value, or remove the condition.',
  };
}

const kinds: readonly (readonly [start: string, what: string])[] = [
  ['Arn', 'ARNs'],
  ['Ip', 'IP addresses'],
  ['NotIp', 'IP addresses'],
  ['Binary', 'binary data'],
  ['Date', 'dates'],
  ['Bool', '"true" and "false"'],
];

function wrongKind({ operator, key }: Miss, known: string): Cause {
  const kind = kinds.find(([start]) => known.startsWith(start))?.[1] ?? 'numbers';
  return {
    id: 'operator-kind',
    summary: `The operator compares ${kind}, but the claim is a string.`,
    evidence: `"${operator}" on "${key}".`,
    remedy: 'Write "StringEquals".',
  };
}

/** The Levenshtein distance: how many letters to change, add or remove. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [at, letter] of [...a.toLowerCase()].entries()) {
    const next = [at + 1];
    for (const [index, other] of [...b.toLowerCase()].entries()) {
      next.push(
        Math.min(
          (row[index] ?? 0) + (letter === other ? 0 : 1),
          (row[index + 1] ?? 0) + 1,
          (next[index] ?? 0) + 1,
        ),
      );
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

import { presenceOf } from '../identity/request-key.ts';
import { type Comparison, comparisonOf } from './condition-operators.ts';
import type { Context } from './context.ts';
import type { Condition } from './policy.ts';
import { expandVariables } from './policy-variables.ts';

/** The result of one condition. */
export interface ConditionResult {
  readonly condition: Condition;
  readonly met: boolean;
  /** True if only AWS knows the value, so the condition may be met. */
  readonly unknown: boolean;
  /** The values in the request; undefined if the key is absent. */
  readonly actual: readonly string[] | undefined;
  /** The reason, if the values do not show it. */
  readonly note: string | undefined;
}

/** The parts of an operator: `ForAnyValue:StringLikeIfExists`. */
export interface Operator {
  readonly quantifier: 'any' | 'all' | undefined;
  readonly base: string;
  readonly ifExists: boolean;
}

/** Returns undefined for an operator that IAM does not have. */
export function parseOperator(text: string): Operator | undefined {
  const [, prefix, name = ''] = /^(?:(ForAnyValue|ForAllValues):)?([A-Za-z]+)$/i.exec(text) ?? [];
  const ifExists = /IfExists$/i.test(name);
  const base = ifExists ? name.slice(0, -'IfExists'.length) : name;
  const isNull = base.toLowerCase() === 'null';
  if (isNull ? ifExists : comparisonOf(base) === undefined) return undefined;
  const quantifier = prefix === undefined ? undefined : /any/i.test(prefix) ? 'any' : 'all';
  return { quantifier, base, ifExists };
}

/**
 * Evaluates one condition as IAM does.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
export function evaluateCondition(condition: Condition, context: Context, version: string): ConditionResult {
  const actual = context.get(condition.key.toLowerCase());
  const result = (met: boolean, note?: string): ConditionResult => {
    return { condition, met, unknown: false, actual, note };
  };
  const operator = parseOperator(condition.operator);
  if (operator === undefined) return result(false, 'IAM has no such operator');
  if (actual === undefined && isUnknown(condition.key, operator)) {
    return { ...result(false, 'only AWS knows this value'), unknown: true };
  }
  if (operator.base.toLowerCase() === 'null') {
    const absent = String(actual === undefined && presenceOf(condition.key) !== 'always');
    return result(condition.values.some((value) => value.toLowerCase() === absent));
  }
  const comparison = comparisonOf(operator.base) as Comparison;
  if (actual === undefined) return absentKey(operator, comparison, result);
  const meets = (value: string) => meetsOne(value, condition.values, comparison, context, version);
  if (operator.quantifier === 'any') return result(actual.some(meets));
  if (operator.quantifier === 'all') return result(actual.every(meets));
  // several values in a request require ForAnyValue or ForAllValues
  const [only = '', ...others] = actual;
  if (others.length > 0)
    return result(false, 'the request has several values, but the operator compares one');
  return result(meets(only));
}

/** `Null` needs no value for a key that every request has. */
function isUnknown(key: string, { base }: Operator): boolean {
  const presence = presenceOf(key);
  return presence === 'sometimes' || (presence === 'always' && base.toLowerCase() !== 'null');
}

function absentKey(
  { quantifier, ifExists }: Operator,
  { negated }: Comparison,
  result: (met: boolean, note: string) => ConditionResult,
): ConditionResult {
  if (quantifier === 'all') return result(true, 'the key is absent, which meets ForAllValues');
  if (ifExists) return result(true, 'the key is absent, which meets IfExists');
  if (quantifier === 'any') return result(false, 'the key is absent, which never meets ForAnyValue');
  if (negated) return result(true, 'the key is absent, which meets a negated operator');
  return result(false, 'the key is absent');
}

/** One of the policy's values must match; with a negated operator, none of them. */
function meetsOne(
  actual: string,
  wanted: readonly string[],
  { compare, negated }: Comparison,
  context: Context,
  version: string,
): boolean {
  const outcomes = wanted.map((value) => {
    const pieces = expandVariables(value, context, version);
    return pieces === undefined ? undefined : compare(actual, pieces);
  });
  return negated ? outcomes.every((outcome) => outcome === false) : outcomes.includes(true);
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLike } from '../../src/identity/pattern.ts';
import { evaluateCondition } from '../../src/trust-policy/condition.ts';
import { evaluate } from '../../src/trust-policy/evaluate.ts';
import { findPolicies } from '../../src/trust-policy/find-policies.ts';
import { oracleAllows, oracleMeets } from './oracle.ts';

// few letters, so that values meet often enough
const word = fc.string({ unit: fc.constantFrom('a', 'b', 'A', ':', '/', '😀'), maxLength: 6 });
const pattern = fc.string({
  unit: fc.constantFrom('a', 'b', 'A', ':', '/', '*', '?', '😀', '.', '['),
  maxLength: 6,
});
const arn = fc
  .array(fc.constantFrom('', 'a', '*', '?', 'ab'), { minLength: 4, maxLength: 7 })
  .map((parts) => `arn:${parts.join(':')}`);
const number = fc.constantFrom('0', '1', '2', '10', 'x', '');
const date = fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-01', '1767225600', '1767225601', 'x');
const boolean = fc.constantFrom('true', 'false', 'x');

const comparisons: readonly (readonly [
  names: readonly string[],
  value: fc.Arbitrary<string>,
  wanted: fc.Arbitrary<string>,
])[] = [
  [['StringEquals', 'StringNotEquals', 'StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase'], word, word],
  [['StringLike', 'StringNotLike'], word, pattern],
  [['ArnLike', 'ArnNotLike', 'ArnEquals', 'ArnNotEquals'], arn, arn],
  [['Bool'], boolean, boolean],
  ...(['Numeric', 'Date'] as const).map((kind) => {
    const names = ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'];
    const values = kind === 'Date' ? date : number;
    return [names.map((name) => `${kind}${name}`), values, values] as const;
  }),
];

const keys = ['gitlab.com:sub', 'gitlab.com:aud', 'gitlab.com:user_id'];

/** An operator with values of its kind, and what the request has for its key. */
const condition = fc.constantFrom(...comparisons).chain(([names, value, wanted]) =>
  fc.record({
    operator: fc
      .tuple(
        fc.constantFrom('', '', 'ForAnyValue:', 'ForAllValues:'),
        fc.constantFrom(...names),
        fc.constantFrom('', '', 'IfExists'),
      )
      .map((parts) => parts.join('')),
    key: fc.constantFrom(...keys),
    values: fc.array(wanted, { maxLength: 3 }),
    actual: fc.option(fc.array(value, { minLength: 1, maxLength: 3 }), { nil: undefined }),
  }),
);

const runs = { numRuns: 5000 };

describe('the evaluator agrees with a second, literal implementation', () => {
  it('on any condition', () => {
    fc.assert(
      fc.property(condition, ({ operator, key, values, actual }) => {
        const context = new Map(actual === undefined ? [] : [[key, actual]]);
        const mine = evaluateCondition({ operator, key, values, offset: 0 }, context, '2012-10-17').met;
        expect(mine).toBe(oracleMeets(operator, key, values, Object.fromEntries(context)));
      }),
      runs,
    );
  });

  it('on Null', () => {
    const truth = fc.array(fc.constantFrom('true', 'false'), { minLength: 1, maxLength: 2 });
    fc.assert(
      fc.property(truth, fc.boolean(), (values, present) => {
        const context = new Map(present ? [['k:a', ['x']]] : []);
        const mine = evaluateCondition(
          { operator: 'Null', key: 'k:a', values, offset: 0 },
          context,
          '2012-10-17',
        ).met;
        expect(mine).toBe(oracleMeets('Null', 'k:a', values, Object.fromEntries(context)));
      }),
    );
  });

  it('on patterns', () => {
    fc.assert(
      fc.property(word, pattern, (text, wildcards) => {
        const mine = isLike(text, [{ text: wildcards, literal: false }]);
        expect(mine).toBe(oracleMeets('StringLike', 'k', [wildcards], { k: [text] }));
      }),
      runs,
    );
  });

  it('on whole policies, Deny before Allow', () => {
    const statement = fc.record({
      effect: fc.constantFrom('Allow' as const, 'Allow' as const, 'Deny' as const),
      conditions: fc.array(condition, { maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 3 }), (statements) => {
        const context: Record<string, readonly string[]> = {};
        for (const { conditions } of statements) {
          for (const { key, actual } of conditions) if (actual !== undefined) context[key] = actual;
        }
        const written = statements.map(({ effect, conditions }) => {
          const Condition: Record<string, Record<string, readonly string[]>> = {};
          for (const { operator, key, values } of conditions) {
            Condition[operator] = { ...Condition[operator], [key]: values };
          }
          return { Effect: effect, Condition };
        });
        const policy = {
          Version: '2012-10-17',
          Statement: written.map((one) => ({
            ...one,
            Principal: '*',
            Action: 'sts:AssumeRoleWithWebIdentity',
          })),
        };
        const [found] = findPolicies(JSON.stringify(policy));
        const request = {
          provider: 'gitlab.com',
          account: undefined,
          partition: undefined,
          context: new Map(Object.entries(context)),
        };
        expect(evaluate(found!.policy, request).allowed).toBe(oracleAllows(written, context));
      }),
      runs,
    );
  });
});

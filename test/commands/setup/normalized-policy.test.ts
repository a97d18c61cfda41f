import { expect, it } from 'vitest';
import { normalized } from '../../../src/commands/setup/normalized-policy.ts';

it('a policy is the same in all forms that IAM returns', () => {
  const one = { Statement: [{ Effect: 'Allow', Action: ['b', 'a'] }], Version: '2012-10-17' };
  const other = { Version: '2012-10-17', Statement: { Action: ['a', 'b'], Effect: 'Allow' } };
  expect(normalized(one)).toEqual(normalized(other));
});

it('a policy differs if a value differs', () => {
  expect(normalized({ a: ['x'] })).not.toEqual(normalized({ a: ['y'] }));
  expect(normalized({ a: ['x', 'y'] })).not.toEqual(normalized({ a: 'x' }));
});

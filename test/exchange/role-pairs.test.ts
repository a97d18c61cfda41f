import { describe, expect, it } from 'vitest';
import { parseRolePairs } from '../../src/exchange/role-pairs.ts';

describe('parseRolePairs', () => {
  it('reads profiles and roles, in their order', () => {
    expect(parseRolePairs('["b=arn:x=1", "a-1.2="]')).toEqual([
      { profile: 'b', roleArn: 'arn:x=1' },
      { profile: 'a-1.2', roleArn: '' },
    ]);
  });

  it.each([
    ['no pair', '["arn:aws:iam::111111111111:role/x"]', 'must be pairs of a profile and a role'],
    ['a profile without a name', '["=arn"]', 'must be pairs of a profile and a role'],
    ['a profile that breaks the file', '["a]=arn"]', 'must be pairs of a profile and a role'],
    ['one profile twice', '["a=x", "a=y"]', 'must name each profile once, "a" is there twice'],
    ['no list', '"a=x"', 'must be a JSON array of strings'],
    ['no JSON', 'a=x', 'must be valid JSON'],
  ])('refuses %s', (_, text, message) => {
    expect(() => parseRolePairs(text)).toThrow(expect.objectContaining({ name: 'RuleError', message }));
  });
});

import { describe, expect, it } from 'vitest';
import { parseRolePairs } from '../../src/exchange/role-pairs.ts';

describe('parseRolePairs', () => {
  it('reads profiles and roles, in their order', () => {
    expect(parseRolePairs('["b=arn:x=1", "a-1.2="]')).toEqual([
      { profile: 'b', roleArn: 'arn:x=1' },
      { profile: 'a-1.2', roleArn: '' },
    ]);
  });

  const noPairs = [
    'must be pairs of a profile and a role',
    'For example ["staging=arn:aws:iam::111111111111:role/x"].',
  ] as const;
  it.each<[what: string, text: string, message: string, hint?: string]>([
    ['no pair', '["arn:aws:iam::111111111111:role/x"]', ...noPairs],
    ['a profile without a name', '["=arn"]', ...noPairs],
    ['a profile that breaks the file', '["a]=arn"]', ...noPairs],
    ['a profile that begins with a space', '[" a=arn"]', ...noPairs],
    ['one profile twice', '["a=x", "a=y"]', 'must list each profile once; "a" is listed twice'],
    ['no list', '"a=x"', 'must be a JSON array of strings', 'For example ["a", "b"].'],
    ['no JSON', 'a=x', 'must be valid JSON'],
  ])('refuses %s', (_, text, message, hint) => {
    expect(() => parseRolePairs(text)).toThrow(expect.objectContaining({ name: 'RuleError', message, hint }));
  });
});

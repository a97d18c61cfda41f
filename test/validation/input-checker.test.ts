import { describe, expect, it } from 'vitest';
import { type Problem, RuleError } from '../../src/errors.ts';
import { inputChecker } from '../../src/validation/input-checker.ts';

describe('inputChecker', () => {
  it('notes a broken rule with the value that breaks it, and goes on', () => {
    const problems: Problem[] = [];
    const parsed = inputChecker(problems).optional('x', 'wrong', () => {
      throw new RuleError('must be right', 'Correct it.');
    });
    expect(parsed).toBeUndefined();
    expect(problems).toEqual([{ name: 'x', rule: 'must be right', value: 'wrong', hint: 'Correct it.' }]);
  });

  it('does not take a mistake of a program for one of the input', () => {
    const bug = new TypeError('x is not a function');
    const problems: Problem[] = [];
    const parse = () => {
      throw bug;
    };
    expect(() => inputChecker(problems).optional('x', 'right', parse)).toThrow(bug);
    expect(problems).toEqual([]);
  });
});

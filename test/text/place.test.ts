import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeFinder, quoteLine } from '../../src/text/place.ts';

describe('quoteLine', () => {
  it.each([
    ['the first line', 'a: b\nc', 3, ['a: b', '   ^']],
    ['a later line', 'a\nb: c\nd', 5, ['b: c', '   ^']],
    ['the end of a line', 'a\nb', 1, ['a', ' ^']],
    ['an empty first line', '\na', 0, ['', '^']],
    ['an empty text', '', 0, ['', '^']],
    ['the end of a text', 'ab', 2, ['ab', '  ^']],
    ['tabs, as one space each', '\ta', 1, [' a', ' ^']],
  ])('quotes %s with a caret below the place', (_, text, offset, quoted) => {
    expect(quoteLine(text, offset)).toEqual(quoted);
  });

  it('gives a line of a hundred characters at most, and a caret in or after it, for any place', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '\n', '\r', ' ', '🙂'), maxLength: 300 });
    fc.assert(
      fc.property(text, fc.nat(300), (whole, at) => {
        const offset = Math.min(at, whole.length);
        const [line, caret] = quoteLine(whole, offset);
        expect(line.length).toBeLessThanOrEqual(100);
        expect(line).not.toContain('\n');
        expect(caret).toMatch(/^ *\^$/);
        expect(caret.length).toBeLessThanOrEqual(line.length + 1);
        const { column } = placeFinder(whole)(offset);
        expect(caret.length).toBe(Math.min(column, 51));
      }),
    );
  });
});

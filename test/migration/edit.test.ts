import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aboveComments, applyEdits, type Edit, offsetBefore } from '../../src/migration/edit.ts';

const edits: readonly Edit[] = [
  { start: 6, end: 8, text: 'x' },
  { start: 2, end: 2, text: 'ABC' },
];

describe('applyEdits', () => {
  it('applies edits in any order, and changes nothing else', () => {
    expect(applyEdits('0123456789', edits)).toBe('01ABC2345x89');
  });

  it('refuses edits that overlap', () => {
    const overlapping = [
      { start: 1, end: 4, text: '' },
      { start: 3, end: 5, text: '' },
    ];
    expect(() => applyEdits('0123456789', overlapping)).toThrow('edits overlap at 3');
  });
});

describe('offsetBefore', () => {
  it.each([
    [0, 0],
    [1, 1],
    [2, 2],
    [4, 2],
    [5, 2],
    [8, 5],
    [9, 6],
    [10, 8],
    [11, 9],
  ])('of %d is %d', (after, before) => {
    expect(offsetBefore(edits, after)).toBe(before);
  });

  it('finds every character that was kept', () => {
    const letters = 'abcdefghijklmnop';
    const edit = fc.record({ start: fc.nat(15), length: fc.nat(3), text: fc.constantFrom('', 'X', 'XYZ') });
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 4 }), (made) => {
        let free = 0;
        const apart = made
          .toSorted((a, b) => a.start - b.start)
          .flatMap(({ start, length, text }) => {
            if (start < free) return [];
            free = start + length + 1;
            return [{ start, end: Math.min(start + length, letters.length), text }];
          });
        for (const [at, letter] of [...applyEdits(letters, apart)].entries()) {
          if (letters.includes(letter)) expect(letters[offsetBefore(apart, at)]).toBe(letter);
        }
      }),
    );
  });
});

describe('aboveComments', () => {
  it('is above adjacent comments with the same indentation', () => {
    const text = 'a:\n\n  # one\n  # two\n  b: c\n';
    expect(aboveComments(text, text.indexOf('  b'), '  ')).toBe(text.indexOf('  # one'));
    expect(aboveComments('# x\na: b\n', 4, '')).toBe(0);
    expect(aboveComments('\n# x\na: b\n', 5, '')).toBe(1);
    expect(aboveComments('\n\na: b\n', 2, '')).toBe(2);
  });
});

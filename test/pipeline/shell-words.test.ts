import { describe, expect, it } from 'vitest';
import { commandsOf, splitWords } from '../../src/pipeline/shell-words.ts';

const known = (...words: string[]) => words.map((text) => ({ text, computed: false }));

describe('splitWords', () => {
  it.each([
    ['a b  c', known('a', 'b', 'c')],
    ['', []],
    ['"a b" \'c d\' e"f"g', known('a b', 'c d', 'efg')],
    ['a\\ b "c\\"d"', known('a b', 'c"d')],
    ["'a\\b'", known('a\\b')],
    ['""', known('')],
    ['$A ${B} "$C"', known('$A', '${B}', '$C')],
    ['a $(b c) d', [...known('a'), { text: '$(b c)', computed: true }, ...known('d')]],
    ['"x$(y "z")"', [{ text: 'x$(y "z")', computed: true }]],
    ['`a`', [{ text: '`a`', computed: true }]],
  ])('splits %s', (command, words) => {
    expect(splitWords(command)).toEqual(words);
  });

  it.each(['"a', "'a", 'a $(b'])('gives up on %s', (command) => {
    expect(splitWords(command)).toBeUndefined();
  });
});

describe('commandsOf', () => {
  it('joins lines that go on, and leaves comments and blank lines out', () => {
    expect(commandsOf('# x\na \\\n  b\n\n  c # d\r\n')).toEqual(['a  b', 'c # d']);
  });
});

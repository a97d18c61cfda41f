import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { literal, programOf, readScript } from '../../src/shell/script.ts';
import { runsUnseenText, variablesRead, variablesSet } from '../../src/shell/variables.ts';
import { root } from '../support/run-program.ts';

const textsOf = (script: string) => readScript(script)?.map(({ text }) => text);

describe('a script is read as commands', () => {
  it.each([
    ['lines', 'a\nb', ['a', 'b']],
    ['semicolons', 'a; b', ['a', 'b']],
    ['a chain', 'a && b && c', ['a', 'b', 'c']],
    ['a fallback with its command', 'a && b || exit 1', ['a', 'b || exit 1']],
    ['a pipeline as one', 'a | b', ['a | b']],
    ['a continued line', 'a \\\n  --b', ['a \\\n  --b']],
    ['a here-document with its text', 'cat <<EOF > x\n1\nEOF\nb', ['cat <<EOF > x\n1\nEOF', 'b']],
    ['a compound command as one', 'if a; then b; fi\nc', ['if a; then b; fi', 'c']],
    ['no comments', '# a\nb # c', ['b']],
  ])('%s', (_, script, commands) => {
    expect(textsOf(script)).toEqual(commands);
  });

  it.each([
    ['an open quote', 'echo "a'],
    ['an open substitution', 'a=$(b'],
    ['half a loop', 'for a in b; do'],
    ['PowerShell', 'if ($a) { Write-Host "b" }'],
    ['an error in a substitution', 'a=$(if b)'],
  ])('%s is no script', (_, script) => {
    expect(readScript(script)).toBeUndefined();
  });

  it('finds the statement of a chain, and background commands', () => {
    const [first, second, third] = readScript('a && b\nc &') ?? [];
    expect(first?.statement).toBe(second?.statement);
    expect(first?.statement).toMatchObject({ start: 0, end: 6, isChain: true });
    expect(third?.inBackground).toBe(true);
  });

  it('returns valid offsets for any text', () => {
    const part = fc.constantFrom(
      'a',
      ' ',
      '\n',
      ';',
      '&&',
      '|',
      '"',
      "'",
      '$(',
      ')',
      '<<E\n',
      'E\n',
      '#',
      '`',
      '${',
      '}',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
        const script = parts.join('');
        for (const { start, end, text } of readScript(script) ?? []) {
          expect(text).toBe(script.slice(start, end));
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('words', () => {
  it.each([
    ['aws s3 ls', 'aws'],
    ['"aws" s3 ls', 'aws'],
    ['$AWS s3 ls', undefined],
    ['A=1', undefined],
  ])('the program of %j is %s', (script, program) => {
    const [command] = readScript(script) ?? [];
    expect(command && programOf(command.node)).toBe(program);
  });

  it.each([
    ["'a b'", 'a b'],
    ['a"b"c', 'abc'],
    ['"a$b"', undefined],
    ['$(a)', undefined],
  ])('the literal text of %j is %s', (word, text) => {
    const [command] = readScript(`echo ${word}`) ?? [];
    const [argument] = command?.node.type === 'Command' ? command.node.args : [];
    expect(argument?.type === 'Word' ? literal(argument) : 'no word').toBe(text);
  });
});

describe('variables', () => {
  const nodeOf = (script: string) => {
    const [command] = readScript(script) ?? [];
    if (command === undefined) throw new Error('no command');
    return command.node;
  };

  it.each([
    ['echo $A "${B:-$C}"', ['A', 'B', 'C']],
    ['cat <<E\n$A\nE', ['A']],
    ["cat <<'E'\n$A\nE", []],
    ["echo '$A'", []],
    ['x=$((A + 1))', ['A']],
    ['if [ -n "$A" ]; then echo "$B"; fi', ['A', 'B']],
    ['a <<< "$A" > "$B"', ['A', 'B']],
  ])('%j reads %j', (script, names) => {
    expect([...variablesRead(nodeOf(script))].sort()).toEqual(names);
  });

  it.each([
    ['A=1 B=2', ['A', 'B']],
    ['if a; then export A=1; fi', ['A']],
    ['for A in 1 2; do B=1; done', ['A', 'B']],
    ['read -r A B', ['A', 'B']],
    ['f() { A=1; }', ['A']],
    [': "${A:=1}"', ['A']],
  ])('%j may set %j', (script, names) => {
    expect([...variablesSet(nodeOf(script))].sort()).toEqual(names);
  });

  it.each([
    ['eval "$A"', true],
    ['. ./x', true],
    ['export $(cat .env)', true],
    ['export A=$(b)', false],
    ['echo source', false],
  ])('%j runs unseen text: %s', (script, expected) => {
    expect(runsUnseenText(nodeOf(script))).toBe(expected);
  });
});

describe('the shell of a template', () => {
  it('is parsed', () => {
    const script = readFileSync(join(root, 'src/templates/shell/point-sdk-to-token.sh'), 'utf8');
    expect(readScript(script)?.length).toBeGreaterThan(10);
  });
});

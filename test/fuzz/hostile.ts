import fc from 'fast-check';

/** Pieces that have broken programs before: prototype keys, terminal and shell syntax, line breaks, markup, lone surrogates. */
const pieces = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '\u001b[31m',
  '\u001b]0;title\u0007',
  '\u009b2J',
  'section_start:1:x\r\u001b[0K',
  '\r',
  '\n',
  '\r\n',
  '\0',
  '\u0085',
  '\u2028',
  '\u202e',
  '\ufeff',
  '\ud800',
  '\udc00',
  '🙂',
  '$HOME',
  '${x}',
  '$(id)',
  '`id`',
  '$[[ inputs.role_arn ]]',
  '%0a',
  '&#10;',
  '<![CDATA[',
  '<!DOCTYPE x [<!ENTITY a "b">]>',
  "'",
  '"',
  '\\',
  '!reference [x]',
  '&a',
  '*a',
  '- ',
  ': ',
  '#',
  '{{',
  '1e999',
  '-0',
  'x'.repeat(30_000),
] as const;

/** Any text, most of it hostile; includes lone surrogates. */
export const text = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string(), fc.string({ unit: 'binary', maxLength: 20 })), {
    maxLength: 6,
  })
  .map((parts) => parts.join(''));

const scalar = fc.oneof(
  text.map((value) => JSON.stringify(value)),
  fc.constantFrom('null', 'true', '-0', '1e999', '123456789012345678901234567890', '[]', '{}'),
  fc.double().map((value) => JSON.stringify(value)),
);

/** JSON as text, because only text can repeat a key such as `__proto__`. */
export function jsonText(
  keys: fc.Arbitrary<string> = text,
  values: fc.Arbitrary<string> = scalar,
): fc.Arbitrary<string> {
  const { value } = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      values,
      fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
      fc
        .array(fc.tuple(keys, tie('value')), { maxLength: 6 })
        .map((pairs) => `{${pairs.map(([key, one]) => `${JSON.stringify(key)}:${one}`).join(',')}}`),
    ),
  }));
  return value;
}

/** One of the texts with up to four parts replaced by hostile text. */
export function mutated(texts: readonly string[]): fc.Arbitrary<string> {
  const edit = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(40), text);
  return fc.tuple(fc.constantFrom(...texts), fc.array(edit, { maxLength: 4 })).map(([start, edits]) =>
    edits.reduce((present, [at, length, inserted]) => {
      const from = Math.floor(at * present.length);
      return present.slice(0, from) + inserted + present.slice(from + length);
    }, start),
  );
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJsonStream } from '../../src/text/json-stream.ts';
import { placeFinder } from '../../src/text/place.ts';

/** The bytes of a text in pieces. */
async function* pieces(text: string | Uint8Array, size: number): AsyncIterable<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(text: string | Uint8Array, size = 7) {
  const items: unknown[] = [];
  const places: string[] = [];
  const names = await readJsonStream(pieces(text, size), {
    lists: ['a', 'b'],
    onItem: (list, item, { line, column }) => {
      items.push([list, item]);
      places.push(`${line}:${column}`);
    },
  });
  return { items, places, names: [...names] };
}

const failure = (text: string | Uint8Array) =>
  read(text).then(
    () => 'no error',
    ({ name, message, place }) => `${name} ${place?.line}:${place?.column} ${message}`,
  );

describe('readJsonStream', () => {
  it('reads the items of lists, and skips everything else', async () => {
    const { items, names } = await read('{"x": [{"a": [1]}], "a": [{"b": [2]}, "y", 3], "b": []}');
    expect(items).toEqual([
      ['a', { b: [2] }],
      ['a', 'y'],
      ['a', 3],
    ]);
    expect(names).toEqual(['x', 'a', 'b']);
  });

  it('reads documents that follow each other', async () => {
    const { items } = await read('\ufeff{"a": [{"n": 1}]}{"b": [{"n": 2}]}\n\n{"a": [{"n": 3}]}\n');
    expect(items).toEqual([
      ['a', { n: 1 }],
      ['b', { n: 2 }],
      ['a', { n: 3 }],
    ]);
  });

  it('keeps a member that is named like a part of every object', async () => {
    const { items } = await read('{"a": [{"__proto__": {"x": 1}}]}');
    expect(JSON.stringify(items)).toBe('[["a",{"__proto__":{"x":1}}]]');
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it('knows where every item begins, in whatever pieces the text arrives', async () => {
    const item = fc.oneof(fc.object({ maxDepth: 2 }), fc.array(fc.string({ unit: 'binary' })));
    const members = fc.record({
      a: fc.array(item, { maxLength: 4 }),
      other: fc.string({ unit: 'binary' }),
      b: fc.array(item, { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(
        members,
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(0, 2),
        async (value, size, indent) => {
          const text = JSON.stringify(value, null, indent);
          const { items, places } = await read(text, size);
          expect(items.map((one) => (one as unknown[])[1])).toEqual(
            JSON.parse(JSON.stringify([...value.a, ...value.b])),
          );
          const bytes = Buffer.from(text).toString('latin1');
          const find = placeFinder(bytes);
          const starts = placesOfItems(bytes).map((offset) => find(offset));
          expect(places).toEqual(starts.map(({ line, column }) => `${line}:${column}`));
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    ['a: b', 'JsonStreamError 1:1 invalid JSON: unexpected "a"'],
    ['{"a": [\n  {"x": 1},\n  {"x" 2}\n]}', 'JsonStreamError 3:8 invalid JSON'],
    ['{"a": [\n  {"x": tru]}', 'JsonStreamError 2:12 invalid JSON: unexpected "]"'],
    ['{"a": [\n  {"x": 1},\n', 'JsonStreamError 3:1 the file is incomplete: its end is missing'],
    ['{"a": [{"x": "', 'JsonStreamError 1:15 the file is incomplete: its end is missing'],
    ['{"a": []} "', 'JsonStreamError 1:9 invalid JSON'],
    ['', 'JsonStreamError 1:1 the file is empty'],
    [' \n ', 'JsonStreamError 2:2 the file is empty'],
    [`{"a": ${'['.repeat(200)}`, 'JsonStreamError 1:106 nested deeper than 100 levels'],
    [Buffer.from('{"a": 1}', 'utf16le'), 'JsonStreamError 1:2 invalid JSON: unexpected "\\u0000"'],
    [Buffer.from('\ufeff{"a": 1}', 'utf16le'), 'JsonStreamError 1:1 the file is UTF-16: convert it to UTF-8'],
    [Buffer.from('{"\xc3(": 1}', 'latin1'), 'JsonStreamError 1:1 invalid JSON'],
  ])('says what is wrong with %j, and where', async (text, message) => {
    expect(await failure(text)).toBe(message);
  });
});

/** Where objects and arrays begin that are items of the lists, by counting brackets outside of strings. */
function placesOfItems(text: string): readonly number[] {
  const found: number[] = [];
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (inString && character === '\\') at++;
    else if (character === '"') inString = !inString;
    else if (!inString && '[{'.includes(character)) {
      if (depth === 2) found.push(at);
      depth++;
    } else if (!inString && ']}'.includes(character)) depth--;
  }
  return found;
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatJson } from '../../src/output/json.ts';

describe('formatJson', () => {
  it('masks secrets', () => {
    expect(formatJson({ a: 'x secret-value y' }, ['secret-value'])).toBe('{\n  "a": "x [masked] y"\n}\n');
  });

  it('escapes characters that control a terminal or hide text', () => {
    expect(formatJson('\u001b[2J\u009b\u202e\u2028\ud800')).toBe(
      '"\\u001b[2J\\u009b\\u202e\\u2028\\ud800"\n',
    );
  });

  it('means the same to a JSON parser', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
        const written = formatJson([value, text]);
        expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify([value, text])));
        expect(written).not.toMatch(/(?!\n)\p{Cc}/u);
      }),
    );
  });
});

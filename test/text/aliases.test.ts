import { describe, expect, it } from 'vitest';
import { isAlias, isMap, parseDocument, visit } from 'yaml';
import { targetOf } from '../../src/text/aliases.ts';

describe('targetOf', () => {
  it('says what the library says', () => {
    const document = parseDocument('a: &x 1\nb: *x\nc: &x [*x, &y 2]\nd: *x\ne: *y\nf: *z\ng: &z {h: *z}\n');
    let count = 0;
    visit(document, {
      Alias(_, node) {
        count++;
        expect(targetOf(node, document)).toBe(node.resolve(document));
      },
    });
    expect(count).toBe(6);
  });

  it('takes no time that grows with the square', () => {
    const document = parseDocument(`a: &x 1\nb: [${'*x,'.repeat(60_000)}]`);
    const list = isMap(document.contents) ? document.contents.get('b', true) : undefined;
    const started = performance.now();
    visit(list as never, {
      Alias: (_, node) => void expect(isAlias(node) && targetOf(node, document)).toBeTruthy(),
    });
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

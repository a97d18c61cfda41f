import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRefusal } from '../../src/explain/pasted-refusal.ts';
import { root } from '../support/run-program.ts';

/** What a tool printed; the code and the message are STS's own, none where it is no refusal. */
interface Printed {
  readonly name: string;
  readonly tool: string;
  readonly text: string;
  readonly sts_code: string | null;
  readonly sts_message: string | null;
}

const printed = JSON.parse(
  readFileSync(join(root, 'test/fixtures/errors-of-tools.json'), 'utf8'),
) as Printed[];
const withoutEnding = (code: string | undefined) => code?.replace(/(Exception|Fault)$/, '');

describe('parseRefusal', () => {
  it.each(printed.map((one) => [one.name, one.tool, one] as const))('reads %s of %s', (_, _tool, one) => {
    const refusal = parseRefusal(one.text);
    expect(withoutEnding(refusal?.code)).toBe(withoutEnding(one.sts_code ?? undefined));
    if (refusal === undefined || one.sts_message === null) return;
    const start = (text: string) => text.replace(/\s+/g, ' ').slice(0, 25);
    const [mine, theirs] = [start(refusal.message), start(one.sts_message)];
    expect(one.sts_message.replace(/\s+/g, ' ').includes(mine) || refusal.message.includes(theirs)).toBe(
      true,
    );
  });

  const refused =
    'User: arn:aws:sts::111111111111:assumed-role/hub/x is not authorized to perform: sts:TagSession on resource: arn:aws:iam::222222222222:role/deploy';

  it.each([
    ['', refused],
    [
      ' because no identity-based policy allows the sts:TagSession action',
      `${refused} because no identity-based policy allows`,
    ],
    [' because of something new', refused],
  ])('reads who was refused what, and in which policy: "%s"', (why, message) => {
    const text = `An error occurred (AccessDenied) when calling the AssumeRole operation: ${refused}${why}\n`;
    expect(parseRefusal(text)).toEqual({ code: 'AccessDenied', message });
  });

  it('handles any text quickly', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        const refusal = parseRefusal(text);
        if (refusal !== undefined) expect(refusal.message.length).toBeLessThanOrEqual(2000);
      }),
    );
    expect(parseRefusal(`1 validation error detected: ${'a'.repeat(200_000)}`)).toBeUndefined();
    expect(parseRefusal('The requested DurationSeconds exceeds '.repeat(5000))).toBeUndefined();
  });
});

import fc from 'fast-check';
import { describe, it } from 'vitest';
import { targets } from './targets.ts';

/** A few of each here, always the same ones; `npm run fuzz` runs others, as many as one likes. */
const cases = 6000;
const seed = 20_261_121;

describe('hostile input', () => {
  it.each(targets)(
    'is answered or refused, and nothing else: $name',
    async ({ share, property }) => {
      await fc.assert(property(), { numRuns: (cases * share) / 1000, seed });
    },
    120_000,
  );
});

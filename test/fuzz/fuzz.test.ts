import fc from 'fast-check';
import { describe, it } from 'vitest';
import { targets } from './targets.ts';

/** A few of each here; `npm run fuzz` runs as many as one likes. */
const cases = 6000;

describe('hostile input', () => {
  it.each(targets)(
    'is answered or refused, and nothing else: $name',
    async ({ share, property }) => {
      await fc.assert(property(), { numRuns: (cases * share) / 1000 });
    },
    120_000,
  );
});

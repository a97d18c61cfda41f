import fc from 'fast-check';
import { describe, it } from 'vitest';
import { targets } from './targets.ts';

/** Always the same cases here; `npm run fuzz` runs any number of new ones. */
const cases = 6000;
const seed = 20_261_121;

describe('hostile input', () => {
  it.each(targets)(
    'is accepted or rejected cleanly: $name',
    async ({ share, property }) => {
      await fc.assert(property(), { numRuns: (cases * share) / 1000, seed });
    },
    120_000,
  );
});

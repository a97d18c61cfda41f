import { describe, expect, it } from 'vitest';
import { runLoad } from '../../bench/load.ts';

describe('many exchanges at once, from several processes', () => {
  it('all succeed where STS throttles, each after pauses of its own', async () => {
    const { attempts, arrivals } = await runLoad({ exchanges: 120, processes: 4, requestsPerSecond: 40 });
    expect(attempts).toHaveLength(120);
    expect(attempts.filter(({ succeeded }) => !succeeded)).toEqual([]);
    const requests = attempts.reduce((sum, { attempts }) => sum + attempts, 0);
    expect(arrivals).toHaveLength(requests);

    const waited = attempts.filter((one) => one.attempts > 1).map(({ waitedMs }) => waitedMs);
    expect(waited.length).toBeGreaterThan(40);
    expect(new Set(waited).size).toBe(waited.length);
  }, 60_000);

  it('that have no jitter pause for the same times', async () => {
    const { attempts } = await runLoad({ exchanges: 80, processes: 4, requestsPerSecond: 40, jitter: false });
    const waited = attempts.filter((one) => one.attempts > 1).map(({ waitedMs }) => waitedMs);
    expect(waited.length).toBeGreaterThan(20);
    expect(new Set(waited).size).toBeLessThan(8);
  }, 60_000);
});

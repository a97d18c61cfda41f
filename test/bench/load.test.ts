import { describe, expect, it } from 'vitest';
import { runLoad } from '../../bench/load.ts';

describe('many exchanges at once, from several processes', () => {
  it('all succeed where STS throttles, each after pauses of its own', async () => {
    const { attempts, arrivals } = await runLoad({ exchanges: 100, processes: 4, requestsPerSecond: 25 });
    expect(attempts).toHaveLength(100);
    expect(attempts.filter(({ succeeded }) => !succeeded)).toEqual([]);
    const requests = attempts.reduce((sum, { attempts }) => sum + attempts, 0);
    expect(arrivals).toHaveLength(requests);

    const waited = attempts.filter((one) => one.attempts > 1).map(({ waitedMs }) => waitedMs);
    expect(waited).not.toEqual([]);
    expect(new Set(waited).size).toBe(waited.length);
  }, 60_000);

  it('that have no jitter pause for the same times', async () => {
    const { attempts } = await runLoad({ exchanges: 60, processes: 4, requestsPerSecond: 15, jitter: false });
    const waited = new Set(attempts.map(({ waitedMs }) => waitedMs));
    // sums of 400, 800, 1600 … milliseconds
    expect([0, 400, 1200, 2800, 6000, 12_400, 22_400, 32_400, 42_400, 52_400]).toEqual(
      expect.arrayContaining([...waited]),
    );
    expect(waited.size).toBeGreaterThan(1);
  }, 90_000);
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { Deadline, defaultRetryLimits, type RetryLimits, retry } from '../../src/network/retry.ts';

const limits: RetryLimits = { deadlineMs: 500, attemptMs: 100, firstPauseMs: 4, maxPauseMs: 16 };
const passing = () => ({ passing: true });
const failing = (times: number) => {
  let count = 0;
  return vi.fn(async () => {
    count += 1;
    if (count <= times) throw new Error(`attempt ${count}`);
    return 'done';
  });
};

afterEach(() => {
  vi.useRealTimers();
});

describe('retry', () => {
  it('limits an attempt to ten seconds and all attempts to a minute by default', () => {
    expect(defaultRetryLimits).toEqual({
      deadlineMs: 60_000,
      attemptMs: 10_000,
      firstPauseMs: 400,
      maxPauseMs: 10_000,
    });
  });

  it('leaves no timer behind, which would keep the process running', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const refused = { limits, judge: () => ({ passing: false }) };
    await retry(failing(0), new Deadline(limits), refused);
    await expect(retry(failing(1), new Deadline(limits), refused)).rejects.toThrow('attempt 1');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not retry at the deadline itself, even without a pause', async () => {
    const attempt = failing(1);
    const over = new Deadline({ ...limits, deadlineMs: 0 });
    const random = () => 0;
    await expect(retry(attempt, over, { limits, judge: passing, random })).rejects.toThrow('attempt 1');
    expect(attempt).toHaveBeenCalledTimes(1);
  });

  it('makes one attempt if nothing fails', async () => {
    const attempt = failing(0);
    expect(await retry(attempt, new Deadline(limits), { limits, judge: passing })).toBe('done');
    expect(attempt).toHaveBeenCalledTimes(1);
  });

  it('retries after transient errors, and reports each pause', async () => {
    const onPause = vi.fn();
    const attempt = failing(3);
    const random = () => 0.5;
    expect(await retry(attempt, new Deadline(limits), { limits, judge: passing, onPause, random })).toBe(
      'done',
    );
    expect(onPause.mock.calls.map(([error, count, ms]) => [error.message, count, ms])).toEqual([
      ['attempt 1', 1, 2],
      ['attempt 2', 2, 4],
      ['attempt 3', 3, 8],
    ]);
  });

  it('never pauses longer than the longest pause', async () => {
    const onPause = vi.fn();
    await retry(failing(6), new Deadline(limits), { limits, judge: passing, onPause, random: () => 1 });
    expect(onPause.mock.calls.map(([, , ms]) => ms)).toEqual([4, 8, 16, 16, 16, 16]);
  });

  it('spreads pauses over the whole range, from zero to the bound', async () => {
    const pauses: number[] = [];
    for (let run = 0; run < 200; run++) {
      await retry(failing(1), new Deadline(limits), {
        limits,
        judge: passing,
        onPause: (_, __, ms) => pauses.push(ms),
      });
    }
    expect(Math.min(...pauses)).toBeLessThan(1);
    expect(Math.max(...pauses)).toBeGreaterThan(3);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(4);
  });

  it('stops at the first permanent error', async () => {
    const attempt = failing(9);
    const refused = retry(attempt, new Deadline(limits), { limits, judge: () => ({ passing: false }) });
    await expect(refused).rejects.toThrow('attempt 1');
    expect(attempt).toHaveBeenCalledTimes(1);
  });

  it.each([0, 0.5, 1])(
    'waits as long as the server asks, plus its own pause (%s of the bound)',
    async (part) => {
      const onPause = vi.fn();
      const judge = () => ({ passing: true, retryAfterMs: 50 });
      await retry(failing(1), new Deadline(limits), { limits, judge, onPause, random: () => part });
      expect(onPause).toHaveBeenCalledWith(expect.anything(), 1, 50 + part * limits.firstPauseMs);
    },
  );

  it('gives up immediately if the server asks for more time than is left', async () => {
    const started = performance.now();
    const judge = () => ({ passing: true, retryAfterMs: 3_600_000 });
    await expect(retry(failing(1), new Deadline(limits), { limits, judge })).rejects.toThrow('attempt 1');
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('throws the last error once the deadline has passed', async () => {
    const started = performance.now();
    await expect(retry(failing(1e6), new Deadline(limits), { limits, judge: passing })).rejects.toThrow(
      /^attempt \d+$/,
    );
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('throws the error of the attempt before, if the deadline cuts the last one short', async () => {
    let count = 0;
    const attempt = (signal: AbortSignal) => {
      count += 1;
      if (count === 1) return Promise.reject(new Error('the cause'));
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    const short = { ...limits, deadlineMs: 50 };
    await expect(retry(attempt, new Deadline(short), { limits: short, judge: passing })).rejects.toThrow(
      'the cause',
    );
    expect(count).toBe(2);
  });

  it('aborts an attempt that takes too long, and shares one deadline between several calls', async () => {
    const deadline = new Deadline(limits);
    const hanging = (signal: AbortSignal) =>
      new Promise<string>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const timedOut = { name: 'TimeoutError', message: 'timed out' };
    await expect(retry(hanging, deadline, { limits, judge: passing })).rejects.toMatchObject(timedOut);
    expect(deadline.leftMs).toBeLessThan(20);
    const started = performance.now();
    await expect(retry(hanging, deadline, { limits, judge: passing })).rejects.toMatchObject(timedOut);
    // without a common deadline it would take all of it once more
    expect(performance.now() - started).toBeLessThan(limits.deadlineMs - 50);
  });
});

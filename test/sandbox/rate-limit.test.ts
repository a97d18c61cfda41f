import { describe, expect, it } from 'vitest';
import { RateLimit } from '../../sandbox/rate-limit.ts';

describe('a rate limit', () => {
  it('lets a second’s worth pass at once, then as many as time brings back', () => {
    const limit = new RateLimit(10, 0);
    const passed = (times: number, nowMs: number) =>
      Array.from({ length: times }, () => limit.take(nowMs)).filter(Boolean).length;
    expect(passed(25, 0)).toBe(10);
    expect(passed(25, 100)).toBe(1);
    expect(passed(25, 600)).toBe(5);
    expect(passed(25, 60_000)).toBe(10);
  });
});

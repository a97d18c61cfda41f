/** Lets so many requests through each second: a bucket of as many tokens, which fills evenly. */
export class RateLimit {
  readonly #perSecond: number;
  #tokens: number;
  #filledAt: number;

  constructor(perSecond: number, nowMs = performance.now()) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#filledAt = nowMs;
  }

  /** Whether one more request may pass now. */
  take(nowMs = performance.now()): boolean {
    const filled = this.#tokens + ((nowMs - this.#filledAt) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#perSecond, filled);
    this.#filledAt = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

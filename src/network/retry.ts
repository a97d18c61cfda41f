/** Time limits, in milliseconds. */
export interface RetryLimits {
  /** For all attempts together. */
  readonly deadlineMs: number;
  /** For one attempt. */
  readonly attemptMs: number;
  /** Upper bound of the first pause; it doubles with each further pause. */
  readonly firstPauseMs: number;
  readonly maxPauseMs: number;
}

export const defaultRetryLimits: RetryLimits = {
  deadlineMs: 60_000,
  attemptMs: 10_000,
  firstPauseMs: 400,
  maxPauseMs: 10_000,
};

/** Whether and when to try again after a failed attempt. */
export interface Verdict {
  readonly passing: boolean;
  /** Gives up before the deadline: this long after the first attempt began, in milliseconds. */
  readonly budgetMs?: number | undefined;
  /** The pause that the server asks for in the header Retry-After, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

export interface RetryOptions {
  readonly limits: RetryLimits;
  /** Decides whether another attempt can help. */
  readonly judge: (error: unknown) => Verdict;
  /** Called before each pause. */
  readonly onPause?: (error: unknown, attempt: number, pauseMs: number) => void;
  readonly random?: () => number;
}

/** A deadline that several requests, made one after the other, can share. */
export class Deadline {
  readonly #endsAt: number;
  readonly #limitMs: number;

  constructor(limits: RetryLimits) {
    this.#limitMs = limits.deadlineMs;
    this.#endsAt = monotonicMs() + this.#limitMs;
  }

  get leftMs(): number {
    return this.leftOf(this.#limitMs);
  }

  /** The time left, in milliseconds, if the deadline were `budgetMs` after the start. */
  leftOf(budgetMs: number): number {
    return Math.max(0, this.#endsAt - this.#limitMs + Math.min(budgetMs, this.#limitMs) - monotonicMs());
  }
}

/** A monotonic clock. `performance` is one too, but Node loads it on first use, which takes 2 ms. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/**
 * Runs `attempt` until it succeeds, fails permanently, or the deadline passes. Each pause is random, between
 * zero and a bound that doubles ("full jitter"), so that jobs that failed together do not retry together. The
 * server's Retry-After is added to it.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 *
 * @param attempt receives a signal that aborts it after `attemptMs`, or at the deadline
 * @throws the error of the last attempt that was not cut short by the deadline
 */
export async function retry<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  deadline: Deadline,
  { limits, judge, onPause, random = Math.random }: RetryOptions,
): Promise<T> {
  let previous: unknown;
  for (let count = 1; ; count++) {
    const controller = new AbortController();
    const ms = Math.min(limits.attemptMs, deadline.leftMs);
    try {
      return await withTimeout(attempt, ms, controller);
    } catch (error) {
      // the error of an attempt that the deadline cut short says less than the previous one
      if (previous !== undefined && ms < limits.attemptMs && controller.signal.aborted) throw previous;
      previous = error;
      const verdict = judge(error);
      const bound = Math.min(limits.maxPauseMs, limits.firstPauseMs * 2 ** (count - 1));
      const pauseMs = (verdict.retryAfterMs ?? 0) + random() * bound;
      if (!verdict.passing || pauseMs >= deadline.leftOf(verdict.budgetMs ?? Infinity)) throw error;
      onPause?.(error, count, pauseMs);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

async function withTimeout<T>(
  attempt: (signal: AbortSignal) => Promise<T>,
  ms: number,
  controller: AbortController,
): Promise<T> {
  const timer = setTimeout(() => controller.abort(new DOMException('timed out', 'TimeoutError')), ms);
  try {
    return await attempt(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

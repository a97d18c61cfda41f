/** How long to go on. All times in milliseconds. */
export interface RetryLimits {
  /** From the first attempt to giving up. */
  readonly deadlineMs: number;
  /** For one attempt. */
  readonly attemptMs: number;
  /** The longest first pause; it doubles from pause to pause. */
  readonly firstPauseMs: number;
  readonly maxPauseMs: number;
}

export const defaultRetryLimits: RetryLimits = {
  deadlineMs: 60_000,
  attemptMs: 10_000,
  firstPauseMs: 400,
  maxPauseMs: 10_000,
};

/** What a failed attempt means for the next one. */
export interface Verdict {
  readonly passing: boolean;
  /** Gives up earlier than the deadline: this long after the first attempt began, in milliseconds. */
  readonly budgetMs?: number | undefined;
  /** The server's own wish (the header Retry-After), in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

export interface RetryOptions {
  readonly limits: RetryLimits;
  /** Decides by the error's class whether asking again can help. */
  readonly judge: (error: unknown) => Verdict;
  /** Told before each pause. */
  readonly onPause?: (error: unknown, attempt: number, pauseMs: number) => void;
  readonly random?: () => number;
}

/**
 * One deadline for everything that is retried with it: several requests one after the other share it.
 */
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

  /** What is left of a part of the time, counted from the beginning; in milliseconds. */
  leftOf(budgetMs: number): number {
    return Math.max(0, this.#endsAt - this.#limitMs + Math.min(budgetMs, this.#limitMs) - monotonicMs());
  }
}

/** A clock that nobody sets; `performance` is one as well, but Node loads it when first asked: 2 ms. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/**
 * Runs `attempt` until it succeeds, fails for good, or the deadline passes; then throws the error of the
 * last attempt that had its time. Pauses are random between nothing and a doubling bound ("full jitter"), so
 * that jobs that failed together do not come back together, and follow what the server asks for, if it does:
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 *
 * @param attempt gets a signal that ends it after `attemptMs`, or at the deadline
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
      // the attempt that the deadline cut short says less than the one before it
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

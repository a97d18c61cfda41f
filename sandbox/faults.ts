import type { StsErrorName } from './sts-errors.ts';

/** Something that goes wrong with one request. */
export type Fault =
  /** Answers as usual, but late. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Closes the connection before the answer, or in its middle. */
  | { readonly kind: 'reset'; readonly when: 'before-answer' | 'during-answer' }
  /** An answer without STS's error document, as a load balancer gives it; a redirect with where it leads. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfter?: string;
      readonly location?: string;
    }
  /** An error of STS. */
  | { readonly kind: 'error'; readonly error: StsErrorName; readonly retryAfter?: string }
  /** Half of a good answer, with the right length for half of it. */
  | { readonly kind: 'truncate' }
  /** A good answer that calls itself something else. */
  | { readonly kind: 'content-type'; readonly contentType: string }
  /** Begins an answer and never ends it: a byte now and then. */
  | { readonly kind: 'drip' }
  /** Something that is no answer of STS. */
  | { readonly kind: 'garbage'; readonly body: string; readonly status?: number };

/** Faults to come: each meets as many requests as planned, in order; then all is well again. */
export class Faults {
  #planned: Fault[] = [];

  plan(fault: Fault, times = 1): void {
    this.#planned.push(...Array<Fault>(times).fill(fault));
  }

  next(): Fault | undefined {
    return this.#planned.shift();
  }

  clear(): void {
    this.#planned = [];
  }
}

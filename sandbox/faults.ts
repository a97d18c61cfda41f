import type { StsErrorName } from './sts-errors.ts';

/** A fault in one request. */
export type Fault =
  /** The usual response, but late. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** The connection is closed before the response, or in the middle of it. */
  | { readonly kind: 'reset'; readonly when: 'before-answer' | 'during-answer' }
  /** A response without STS's error document, such as a load balancer's; `location` is for redirects. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfter?: string;
      readonly location?: string;
    }
  /** An STS error. */
  | { readonly kind: 'error'; readonly error: StsErrorName; readonly retryAfter?: string }
  /** Half of a valid response; its `Content-Length` matches the half. */
  | { readonly kind: 'truncate' }
  /** A valid response with another content type. */
  | { readonly kind: 'content-type'; readonly contentType: string }
  /** A response that begins and never ends, one byte at a time. */
  | { readonly kind: 'drip' }
  /** Any other body instead of an STS response. */
  | { readonly kind: 'garbage'; readonly body: string; readonly status?: number };

/** Planned faults. Each affects the planned number of requests, in order; then STS works normally again. */
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

import { AwsOidcError } from '../errors.ts';

/** What decides when a session is renewed. */
interface Expiring {
  readonly expiration: Date;
}

/** Exchanges again; called for one renewal at a time. */
export type Renew<S> = () => Promise<S>;

/** At most one exchange in this time, in milliseconds, unless sessions are so short that they need more. */
const maxPauseMs = 30_000;
const minPauseMs = 1000;

const notYet = 'The session has expired, and the next exchange is not due yet';

/**
 * SDKs ask for new credentials before the old ones expire: botocore from 15 minutes before, and with less than 10
 * it waits for the response; the JavaScript and Go SDKs 5 minutes before. With more than that left, each of them
 * gets new credentials the first time it asks.
 * https://github.com/boto/botocore/blob/develop/botocore/credentials.py: RefreshableCredentials
 */
const maxReserveMs = 20 * 60_000;

/**
 * A session that is replaced before it expires: when 20 minutes are left, or half of its life if that is less. A
 * session of 15 minutes thus has at least 7.5 minutes left, more than the 5 minutes for which SDKs refuse to keep
 * credentials. The clock alone starts renewals, not a request, so that clients that ask in a loop cause none, and
 * that no client waits for STS: SDKs give up after 1 to 2 seconds.
 */
export class RenewedSession<S extends Expiring> {
  #session: S;
  #renewal: Promise<void> | undefined;
  #failure: unknown;
  /** When to renew, and the earliest time of the next exchange, in milliseconds since 1970. */
  #renewAt = 0;
  #notBefore = 0;
  #pauseMs = maxPauseMs;
  readonly #renew: Renew<S>;
  readonly #now: () => Date;

  constructor(first: S, renew: Renew<S>, now: () => Date) {
    this.#session = first;
    this.#renew = renew;
    this.#now = now;
    this.#plan();
  }

  /** When the newest session expires. */
  get expiration(): Date {
    return this.#session.expiration;
  }

  /**
   * The newest session. Only if it has expired, for example because the machine was suspended, this waits for a
   * renewal, which all callers share.
   *
   * @throws the error of the last renewal, if the session has expired
   */
  async current(): Promise<S> {
    if (this.#isOver()) await this.renewIfDue();
    if (this.#isOver()) throw this.#failure ?? new AwsOidcError('UNAVAILABLE', notYet);
    return this.#session;
  }

  /** Renews the session if it is time to do so. It never rejects: until the session expires, a failure is harmless. */
  renewIfDue(): Promise<void> {
    const now = this.#now().getTime();
    if (this.#renewal === undefined && now >= Math.max(this.#renewAt, this.#notBefore)) {
      this.#renewal = this.#exchange().finally(() => {
        this.#renewal = undefined;
      });
    }
    return this.#renewal ?? Promise.resolve();
  }

  async #exchange(): Promise<void> {
    try {
      this.#session = await this.#renew();
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
    }
    this.#plan();
  }

  #plan(): void {
    const [now, expires] = [this.#now().getTime(), this.#session.expiration.getTime()];
    if (this.#failure === undefined) {
      const lifeMs = expires - now;
      this.#renewAt = expires - Math.min(lifeMs / 2, maxReserveMs);
      this.#pauseMs = lifeMs > 0 ? Math.min(maxPauseMs, Math.max(minPauseMs, lifeMs / 4)) : maxPauseMs;
    }
    this.#notBefore = now + this.#pauseMs;
  }

  #isOver(): boolean {
    return this.#session.expiration <= this.#now();
  }
}

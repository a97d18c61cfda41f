import { describe, expect, it } from 'vitest';
import { RenewedSession } from '../../src/credentials-server/renewed-session.ts';
import { AwsOidcError } from '../../src/errors.ts';

/** A clock, and an STS that issues sessions of `lifeSeconds`. */
function setUp(lifeSeconds: number) {
  const world = { now: 0, exchanges: 0, failure: undefined as Error | undefined, wait: Promise.resolve() };
  const issue = () => ({
    number: world.exchanges,
    expiration: new Date((world.now + lifeSeconds) * 1000),
  });
  const renew = async () => {
    world.exchanges++;
    await world.wait;
    if (world.failure) throw world.failure;
    return issue();
  };
  const session = new RenewedSession(issue(), renew, () => new Date(world.now * 1000));
  /** Lets time pass second by second, as the server's timer does. */
  const pass = async (seconds: number) => {
    for (let passed = 0; passed < seconds; passed++) {
      world.now++;
      await session.renewIfDue();
    }
  };
  return { world, session, pass };
}

describe('a renewed session', () => {
  it.each([
    [900, 450],
    [1800, 900],
    // botocore asks 15 minutes before the end
    [3600, 2400],
    [43_200, 42_000],
  ])('of %i seconds is renewed after %i', async (life, after) => {
    const { world, session, pass } = setUp(life);
    await pass(after - 1);
    expect(world.exchanges).toBe(0);
    await pass(1);
    expect(world.exchanges).toBe(1);
    expect((await session.current()).number).toBe(1);
  });

  it.each([
    ['botocore waits to replace', 10 * 60, 3600],
    ['the SDKs for JavaScript and Go do not keep', 5 * 60, 900],
  ])('is never one that %s', async (_, reserve, life) => {
    const { world, session, pass } = setUp(life);
    for (let minute = 0; minute < 180; minute++) {
      await pass(60);
      const { expiration } = await session.current();
      expect(expiration.getTime() / 1000 - world.now).toBeGreaterThan(reserve);
    }
  });

  it('is not renewed by clients that ask in a loop', async () => {
    const { world, session, pass } = setUp(900);
    await pass(449);
    for (let count = 0; count < 1000; count++) await session.current();
    expect(world.exchanges).toBe(0);
    await pass(1);
    for (let count = 0; count < 1000; count++) await session.current();
    expect(world.exchanges).toBe(1);
  });

  it('is served until its end if it cannot be renewed, then the reason', async () => {
    const { world, session, pass } = setUp(900);
    world.failure = new AwsOidcError('REFUSED', 'AccessDenied');
    await pass(899);
    expect((await session.current()).number).toBe(0);
    await pass(1);
    await expect(session.current()).rejects.toThrow('AccessDenied');
    // every 30 seconds from the middle on
    expect(world.exchanges).toBe(16);
    for (let count = 0; count < 100; count++) await expect(session.current()).rejects.toThrow('AccessDenied');
    expect(world.exchanges).toBe(16);
    world.failure = undefined;
    await pass(30);
    expect((await session.current()).number).toBe(17);
  });

  it('is renewed once for all who ask after a machine slept', async () => {
    const { world, session } = setUp(900);
    world.now = 10_000;
    let goOn = () => {};
    world.wait = new Promise((resolve) => {
      goOn = resolve;
    });
    const asked = Array.from({ length: 200 }, () => session.current());
    goOn();
    expect(new Set((await Promise.all(asked)).map(({ number }) => number))).toEqual(new Set([1]));
    expect(world.exchanges).toBe(1);
  });

  it('that STS issues as expired, or whose clock is wrong, causes one exchange in 30 seconds', async () => {
    const { world, session, pass } = setUp(-60);
    for (let count = 0; count < 600; count++) {
      await pass(1);
      await expect(session.current()).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: 'The session has expired, and the next exchange is not due yet',
      });
    }
    expect(world.exchanges).toBe(20);
  });
});

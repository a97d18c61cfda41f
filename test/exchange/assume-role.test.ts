import { afterEach, describe, expect, it, vi } from 'vitest';
import { assumeRole } from '../../src/exchange/assume-role.ts';
import type { Inputs } from '../../src/exchange/inputs.ts';
import { readOptions } from '../../src/exchange/options.ts';
import type { ChainParameters, RoleRequest, RoleSession, Sts } from '../../src/exchange/sts.ts';
import { StsError } from '../../src/exchange/sts-error.ts';
import { findToken } from '../../src/exchange/token-source.ts';
import { defaultRetryLimits } from '../../src/network/retry.ts';
import { limits } from '../support/command-run.ts';
import { goodEnv, now, token } from '../support/input.ts';
import { unsignedToken } from '../support/token.ts';

const first = 'arn:aws:iam::111111111111:role/first';
const second = 'arn:aws:iam::222222222222:role/second';
const third = 'arn:aws:iam::333333333333:role/third';

const sessionOf = (arn: string): RoleSession => ({
  credentials: {
    accessKeyId: `ASIA${arn}`,
    secretAccessKey: `secret-key-of-${arn.slice(-6)}`,
    sessionToken: `session-token-of-${arn.slice(-6)}`,
    expiration: new Date('2030-01-01T00:00:00Z'),
  },
  assumedRoleArn: arn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/').concat('/session'),
});

/** An STS that gives what it is asked for, but for what the test changes. */
function fakeSts(
  change: (request: RoleRequest, session: RoleSession) => RoleSession = (_, session) => session,
) {
  const asked: {
    readonly request: RoleRequest & Partial<ChainParameters>;
    readonly by?: string;
  }[] = [];
  const sts: Sts = {
    exchange: async (_token, request) => {
      asked.push({ request });
      return change(request, sessionOf(request.roleArn));
    },
    chain: async (credentials, request) => {
      asked.push({ request, by: credentials.accessKeyId });
      return change(request, sessionOf(request.roleArn));
    },
  };
  return { sts, asked };
}

const optionsOf = (inputs: Inputs) =>
  readOptions({ role_arn: first, ...inputs }, goodEnv, findToken(goodEnv, undefined), now);

const chained = {
  role_chain: JSON.stringify([second, third]),
  external_id: 'shop-42',
  policy: '{"Version":"2012-10-17","Statement":[]}',
  policy_arns: '["arn:aws:iam::aws:policy/ReadOnlyAccess"]',
  duration: '900',
};

afterEach(() => {
  vi.useRealTimers();
});

describe('assumeRole', () => {
  it('assumes one role after the other, each with the session of the one before', async () => {
    const { sts, asked } = fakeSts();
    const assumed = await assumeRole(optionsOf(chained), sts, limits, () => {});
    expect(assumed).toEqual({ ...sessionOf(third), account: '333333333333' });
    expect(asked.map(({ request, by }) => [request.roleArn, by])).toEqual([
      [first, undefined],
      [second, `ASIA${first}`],
      [third, `ASIA${second}`],
    ]);
    for (const { request } of asked) expect(request.durationSeconds).toBe(900);
    expect(asked.map(({ request }) => request.externalId)).toEqual([undefined, 'shop-42', 'shop-42']);
  });

  const claims = { ref: 'main', job_id: '302', user_login: 'sample-user' };
  const all = [
    ['ref', 'main'],
    ['job_id', '302'],
    ['user_login', 'sample-user'],
  ];

  /** The tags, transitive keys and source identity that each role is asked for. */
  async function askedWith(inputs: Inputs) {
    const { sts, asked } = fakeSts();
    const env = { GITLAB_OIDC_TOKEN: unsignedToken(claims) };
    const options = readOptions({ role_arn: first, ...inputs }, env, findToken(env, undefined), now);
    await assumeRole(options, sts, limits, () => {});
    return asked.map(({ request: { sessionTags, transitiveTags, sourceIdentity } }) => [
      sessionTags?.map(({ name, value }) => [name, value]),
      transitiveTags,
      sourceIdentity?.value,
    ]);
  }

  it('passes the tags to each chained role, and the source identity to the first one', async () => {
    expect(await askedWith({ ...chained, source_identity: 'user_login' })).toEqual([
      [undefined, undefined, undefined],
      [all, false, 'sample-user'],
      [all, false, undefined],
    ]);
  });

  it('passes transitive tags once: STS refuses a tag that the session inherits', async () => {
    expect(await askedWith({ ...chained, transitive_tags: 'true' })).toEqual([
      [undefined, undefined, undefined],
      [all, true, undefined],
      [[], true, undefined],
    ]);
  });

  it('passes no tags if the list is empty', async () => {
    expect(await askedWith({ ...chained, session_tags: '[]\n' })).toEqual([
      [undefined, undefined, undefined],
      [[], false, undefined],
      [[], false, undefined],
    ]);
  });

  it.each([1, 2, 3])('restricts only the last session, with %i in the chain', async (length) => {
    const { sts, asked } = fakeSts();
    const role_chain = JSON.stringify([second, third, first].slice(0, length));
    await assumeRole(optionsOf({ ...chained, role_chain }), sts, limits, () => {});
    expect(asked.map(({ request: { policy, policyArns } }) => [policy, policyArns])).toEqual([
      ...Array(length).fill([undefined, []]),
      [chained.policy, ['arn:aws:iam::aws:policy/ReadOnlyAccess']],
    ]);
  });

  it('restricts the only session if there is no chain', async () => {
    const { sts, asked } = fakeSts();
    const { role_chain: _, external_id: __, ...alone } = chained;
    const assumed = await assumeRole(optionsOf(alone), sts, limits, () => {});
    expect(assumed.account).toBe('111111111111');
    expect(asked.map(({ request }) => request.policy)).toEqual([chained.policy]);
  });

  it.each([first, second, third])('discards a session of another account instead of %s', async (role) => {
    const { sts, asked } = fakeSts((request, session) =>
      request.roleArn === role
        ? { ...session, assumedRoleArn: 'arn:aws:sts::999999999999:assumed-role/evil/x' }
        : session,
    );
    await expect(assumeRole(optionsOf(chained), sts, limits, () => {})).rejects.toMatchObject({
      code: 'UNEXPECTED_ROLE',
      message: `STS returned credentials for "arn:aws:sts::999999999999:assumed-role/evil/x" instead of "${role}"`,
      hint: expect.stringContaining('AWS_ENDPOINT_URL_STS'),
    });
    // nothing is asked with the credentials of a stranger
    expect(asked.at(-1)?.request.roleArn).toBe(role);
  });

  it.each([first, second])('discards a session without a role instead of %s', async (role) => {
    const { sts } = fakeSts((request, session) =>
      request.roleArn === role ? { ...session, assumedRoleArn: '' } : session,
    );
    await expect(assumeRole(optionsOf(chained), sts, limits, () => {})).rejects.toMatchObject({
      code: 'UNEXPECTED_ROLE',
      message: 'The response does not say which role was assumed',
      hint: expect.stringContaining('web-identity'),
    });
  });

  // the token, and what was issued up to a role, as an answer may repeat it
  const knownAt = (role: string) => {
    const roles = [first, second, third];
    const issued = roles.slice(0, roles.indexOf(role) + 1).map((arn) => sessionOf(arn).credentials);
    return [token, ...issued.flatMap(({ secretAccessKey, sessionToken }) => [secretAccessKey, sessionToken])];
  };

  it.each([first, second, third])(
    'repeats no secret that a response for %s contains in its role ARN',
    async (role) => {
      for (const secret of [...knownAt(role), token.split('.')[2] ?? '']) {
        const { sts } = fakeSts((request, session) =>
          request.roleArn === role ? { ...session, assumedRoleArn: secret } : session,
        );
        const error = await assumeRole(optionsOf(chained), sts, limits, () => {}).catch((thrown) => thrown);
        expect(error).toMatchObject({
          code: 'UNEXPECTED_ROLE',
          message: expect.stringContaining('[masked]'),
        });
        expect(error.message).not.toContain(secret);
      }
    },
  );

  it.each([second, third])('repeats no secret that an error for %s repeats', async (role) => {
    const before = knownAt([first, second][[second, third].indexOf(role)] ?? '');
    for (const secret of before) {
      const faults = [
        new StsError('passing', secret, secret, { retryAfterMs: 1 }),
        new StsError('refused', secret, secret),
      ];
      const { sts } = fakeSts((request, session) => {
        if (request.roleArn !== role) return session;
        throw faults.shift();
      });
      const said: string[] = [];
      const error = await assumeRole(optionsOf(chained), sts, limits, ({ code, message }) => {
        said.push(code, message);
      }).catch((thrown) => thrown);
      expect([...said, error.code, error.message]).toEqual(Array(4).fill('[masked]'));
    }
  });

  it('retries after a transient error, and reports the pause', async () => {
    const faults = [new StsError('passing', 'Throttling', 'Rate exceeded', { retryAfterMs: 1 })];
    const { sts } = fakeSts((_, session) => {
      const fault = faults.shift();
      if (fault) throw fault;
      return session;
    });
    const pauses: unknown[] = [];
    await assumeRole(optionsOf({}), sts, limits, (error, attempt) => pauses.push([error.code, attempt]));
    expect(pauses).toEqual([['Throttling', 1]]);
  });

  it.each([
    ['a refusal', new StsError('refused', 'AccessDenied', 'no')],
    ['a mistake of a program', new TypeError('x is not a function')],
    ['nothing at all', null],
  ])('does not retry after %s', async (_, fault) => {
    const { sts, asked } = fakeSts(() => {
      throw fault;
    });
    const thrown = await assumeRole(optionsOf({}), sts, limits, () => {}).catch((error) => error);
    expect(thrown).toEqual(fault);
    expect(asked).toHaveLength(1);
  });

  it('uses one deadline for all roles of a chain', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'hrtime'] });
    const { sts, asked } = fakeSts((_, session) => {
      if (asked.length % 2 === 1) throw new StsError('passing', 'Throttling', 'x', { retryAfterMs: 900 });
      return session;
    });
    // three roles with a pause of 900 ms each: each of them would end in time
    const ended = expect(assumeRole(optionsOf(chained), sts, limits, () => {})).rejects.toMatchObject({
      code: 'Throttling',
    });
    await vi.advanceTimersByTimeAsync(limits.deadlineMs);
    await ended;
    expect(asked).toHaveLength(5);
  });

  it.each([
    ['a name that does not exist, for 10 seconds', 'ENOTFOUND', 10_000],
    ['a connection that is refused, for 60 seconds', 'ECONNREFUSED', 60_000],
  ])('tries %s', async (_, code, endsAfterMs) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'hrtime'] });
    const begin = process.hrtime.bigint();
    const { sts, asked } = fakeSts(() => {
      throw new StsError('passing', code, 'x');
    });
    let endedAfterMs = 0;
    const ended = assumeRole(optionsOf({}), sts, defaultRetryLimits, () => {}).catch(() => {
      endedAfterMs = Number(process.hrtime.bigint() - begin) / 1e6;
    });
    await vi.advanceTimersByTimeAsync(defaultRetryLimits.deadlineMs);
    await ended;
    expect(asked.length).toBeGreaterThan(2);
    expect(endedAfterMs).toBeLessThanOrEqual(endsAfterMs);
    expect(endedAfterMs).toBeGreaterThan(endsAfterMs / 4);
  });

  it('tries only once if the region may be a typo', async () => {
    const { sts, asked } = fakeSts(() => {
      throw new StsError('passing', 'ECONNRESET', 'x');
    });
    const options = optionsOf({ region: 'eu-centrl-1' });
    expect(options.similarRegion).toBe('eu-central-1');
    await expect(assumeRole(options, sts, limits, () => {})).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(asked).toHaveLength(1);
  });
});

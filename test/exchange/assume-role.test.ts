import { describe, expect, it } from 'vitest';
import { assumeRole } from '../../src/exchange/assume-role.ts';
import { type Inputs, readOptions } from '../../src/exchange/options.ts';
import type { RoleRequest, RoleSession, Sts } from '../../src/exchange/sts.ts';
import { StsError } from '../../src/exchange/sts-error.ts';
import { findToken } from '../../src/exchange/token-source.ts';
import { limits } from '../support/command-run.ts';
import { goodEnv, now } from '../support/input.ts';

const first = 'arn:aws:iam::111111111111:role/first';
const second = 'arn:aws:iam::222222222222:role/second';
const third = 'arn:aws:iam::333333333333:role/third';

const sessionOf = (arn: string): RoleSession => ({
  credentials: {
    accessKeyId: `ASIA${arn}`,
    secretAccessKey: 's',
    sessionToken: 't',
    expiration: new Date('2030-01-01T00:00:00Z'),
  },
  assumedRoleArn: arn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/').concat('/session'),
});

/** An STS that gives what it is asked for, but for what the test changes. */
function fakeSts(
  change: (request: RoleRequest, session: RoleSession) => RoleSession = (_, session) => session,
) {
  const asked: {
    readonly request: RoleRequest & { externalId?: string | undefined };
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

  it('restricts the last session alone', async () => {
    const { sts, asked } = fakeSts();
    await assumeRole(optionsOf(chained), sts, limits, () => {});
    expect(asked.map(({ request: { policy, policyArns } }) => [policy, policyArns])).toEqual([
      [undefined, []],
      [undefined, []],
      [chained.policy, ['arn:aws:iam::aws:policy/ReadOnlyAccess']],
    ]);
  });

  it('restricts the one session where there is no chain', async () => {
    const { sts, asked } = fakeSts();
    const { role_chain: _, external_id: __, ...alone } = chained;
    const assumed = await assumeRole(optionsOf(alone), sts, limits, () => {});
    expect(assumed.account).toBe('111111111111');
    expect(asked.map(({ request }) => request.policy)).toEqual([chained.policy]);
  });

  it.each([first, second, third])('throws away a session of another account in place of %s', async (role) => {
    const { sts, asked } = fakeSts((request, session) =>
      request.roleArn === role
        ? { ...session, assumedRoleArn: 'arn:aws:sts::999999999999:assumed-role/evil/x' }
        : session,
    );
    await expect(assumeRole(optionsOf(chained), sts, limits, () => {})).rejects.toMatchObject({
      code: 'UNEXPECTED_ROLE',
      message: `STS answered for "arn:aws:sts::999999999999:assumed-role/evil/x" instead of "${role}"`,
      hint: expect.stringContaining('AWS_ENDPOINT_URL_STS'),
    });
    // nothing is asked with the credentials of a stranger
    expect(asked.at(-1)?.request.roleArn).toBe(role);
  });

  it.each([first, second])('throws away a session without a role in place of %s', async (role) => {
    const { sts } = fakeSts((request, session) =>
      request.roleArn === role ? { ...session, assumedRoleArn: '' } : session,
    );
    await expect(assumeRole(optionsOf(chained), sts, limits, () => {})).rejects.toMatchObject({
      code: 'UNEXPECTED_ROLE',
      message: 'The answer does not say which role was assumed',
      hint: expect.stringContaining('web-identity'),
    });
  });

  it('asks again after a passing fault, and tells of the pause', async () => {
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
  ])('does not ask again after %s', async (_, fault) => {
    const { sts, asked } = fakeSts(() => {
      throw fault;
    });
    await expect(assumeRole(optionsOf({}), sts, limits, () => {})).rejects.toBe(fault);
    expect(asked).toHaveLength(1);
  });

  it('has one deadline for all roles of a chain', async () => {
    const { sts, asked } = fakeSts((_, session) => {
      if (asked.length % 2 === 1) throw new StsError('passing', 'Throttling', 'x', { retryAfterMs: 400 });
      return session;
    });
    // three roles with a pause of 400 ms each: each of them would end in time
    await expect(assumeRole(optionsOf(chained), sts, limits, () => {})).rejects.toMatchObject({
      code: 'Throttling',
    });
    expect(asked).toHaveLength(5);
  });
});

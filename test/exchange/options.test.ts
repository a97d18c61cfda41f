import { describe, expect, it } from 'vitest';
import { type Inputs, inputsFromEnvironment } from '../../src/exchange/inputs.ts';
import { type Options, readOptions } from '../../src/exchange/options.ts';
import { findToken } from '../../src/exchange/token-source.ts';
import { type Env, good, goodEnv, now, problemsOf, role, token } from '../support/input.ts';
import { unsignedToken } from '../support/token.ts';

function options(inputs: Inputs = {}, env: Env = {}): Options {
  const all = { ...goodEnv, ...env };
  return readOptions({ ...good, ...inputs }, all, findToken(all, undefined), now);
}

describe('readOptions', () => {
  it('needs only a role and a token', () => {
    expect(options()).toEqual({
      role: { arn: role, partition: 'aws', account: '111111111111', name: 'deploy' },
      chain: [],
      token: expect.objectContaining({ text: token }),
      audience: undefined,
      sessionName: 'GitLabRunner',
      originalSessionName: undefined,
      durationSeconds: 3600,
      region: 'us-east-1',
      policy: undefined,
      policyArns: [],
      allowedAccountIds: [],
      externalId: undefined,
      sessionTags: [],
      transitiveTags: false,
      sourceIdentity: undefined,
      envPrefix: '',
      endpoint: undefined,
      useFips: false,
    });
  });

  it('uses the default of an empty input, as a component passes it', () => {
    const empty: Inputs = {
      audience: '',
      duration: '',
      region: '',
      session_name: '',
      policy: '',
      policy_arns: '[]\n',
      allowed_account_ids: ' \n',
      role_chain: '[]',
      external_id: '',
      session_tags: '',
      transitive_tags: '',
      source_identity: '',
      env_prefix: '',
    };
    expect(options(empty)).toEqual(options());
  });

  it.each<[string, Inputs]>([
    [
      'the default tags, as a component passes them',
      {
        session_tags: '["project_path", "ref", "pipeline_id", "job_id", "user_login", "environment"]\n',
        transitive_tags: 'false',
      },
    ],
    ['no tags', { session_tags: '[]\n' }],
  ])('accepts %s without a chain', (_, inputs) => {
    expect(options(inputs)).toEqual(options());
  });

  it('takes tags and the source identity from the claims, for a chain', () => {
    const env = {
      GITLAB_OIDC_TOKEN: unsignedToken({ ref: 'fix#1', user_login: 'sample-user', runner_id: 7 }),
    };
    const inputs = {
      role_chain: '["arn:aws:iam::222222222222:role/next"]',
      session_tags: '["ref","runner_id","environment"]',
      transitive_tags: 'TRUE',
      source_identity: 'user_login',
    };
    expect(options(inputs, env)).toMatchObject({
      sessionTags: [
        { name: 'ref', value: 'fix-1' },
        { name: 'runner_id', value: '7' },
      ],
      transitiveTags: true,
      sourceIdentity: { name: 'user_login', value: 'sample-user' },
    });
  });

  it.each<[string, Inputs, Env, string]>([
    [
      'the input',
      { region: 'eu-west-1' },
      { AWS_REGION: 'eu-west-2', AWS_DEFAULT_REGION: 'eu-west-3' },
      'eu-west-1',
    ],
    ['AWS_REGION', {}, { AWS_REGION: 'eu-west-2', AWS_DEFAULT_REGION: 'eu-west-3' }, 'eu-west-2'],
    ['AWS_DEFAULT_REGION', {}, { AWS_DEFAULT_REGION: 'eu-west-3' }, 'eu-west-3'],
    [
      'the default, where the variables are empty',
      {},
      { AWS_REGION: '', AWS_DEFAULT_REGION: '' },
      'us-east-1',
    ],
    ["the partition's default", { role_arn: 'arn:aws-cn:iam::111111111111:role/x' }, {}, 'cn-north-1'],
  ])('takes the region from %s', (_, inputs, env, region) => {
    expect(options(inputs, env).region).toBe(region);
  });

  it('names a session after its project and pipeline', () => {
    const env = { CI_PROJECT_ID: '20', CI_PIPELINE_ID: '574' };
    expect(options({}, env).sessionName).toBe('GitLabRunner-20-574');
  });

  it('cleans a session name and keeps the original', () => {
    expect(options({ session_name: 'a/b' })).toMatchObject({
      sessionName: 'a-b',
      originalSessionName: 'a/b',
    });
  });

  it('prefers the endpoint of STS to that of all services', () => {
    const env = {
      AWS_ENDPOINT_URL_STS: 'https://sts.example.com',
      AWS_ENDPOINT_URL: 'https://aws.example.com',
    };
    expect(options({}, env).endpoint?.href).toBe('https://sts.example.com/');
    expect(options({}, { ...env, AWS_ENDPOINT_URL_STS: '' }).endpoint?.href).toBe('https://aws.example.com/');
  });

  const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
  const limits = `arn:aws:iam::111111111111:policy/${'x'.repeat(600)}`;
  const statement = '{"Statement":[]}';
  const next = 'arn:aws:iam::222222222222:role/next';
  it.each<[string, Inputs, Partial<Options>]>([
    ['an audience', { audience: 'https://example.com' }, { audience: 'https://example.com' }],
    ['the shortest session', { duration: '900' }, { durationSeconds: 900 }],
    ['the longest session', { duration: '43200' }, { durationSeconds: 43_200 }],
    ['a session in hours', { duration: '12h' }, { durationSeconds: 43_200 }],
    ['a session in minutes', { duration: '15m' }, { durationSeconds: 900 }],
    ['a session in seconds with the unit', { duration: '900s' }, { durationSeconds: 900 }],
    [
      'the longest session of a chain',
      { duration: '3600', role_chain: JSON.stringify([next]) },
      { durationSeconds: 3600 },
    ],
    ['a policy of 2048 characters', { policy: statement.padEnd(2048) }, { policy: statement.padEnd(2048) }],
    [
      'a policy that has 2048 characters with the managed ones',
      { policy: statement.padEnd(2048 - readOnly.length), policy_arns: JSON.stringify([readOnly]) },
      { policyArns: [readOnly] },
    ],
    [
      'ten managed policies, however long, where no other policy is',
      { policy_arns: JSON.stringify(Array(10).fill(limits)) },
      { policyArns: Array(10).fill(limits) },
    ],
    [
      'an external id of two characters',
      { external_id: 'ab', role_chain: JSON.stringify([next]) },
      { externalId: 'ab' },
    ],
    [
      'an external id of 1224 characters',
      { external_id: 'a'.repeat(1224), role_chain: JSON.stringify([next]) },
      { externalId: 'a'.repeat(1224) },
    ],
    ['a prefix of one letter', { env_prefix: 'P' }, { envPrefix: 'P' }],
    ['a prefix of 100 characters', { env_prefix: 'P'.repeat(100) }, { envPrefix: 'P'.repeat(100) }],
    ['a session name that ends with a variable', { session_name: 'a-$NAME' }, { sessionName: 'a--NAME' }],
    ['a session name that begins with a variable', { session_name: '$NAME-a' }, { sessionName: '-NAME-a' }],
  ])('takes %s', (_, inputs, expected) => {
    expect(options(inputs)).toMatchObject(expected);
  });

  it.each([
    ['true', true],
    ['TRUE', true],
    ['false', false],
    ['', false],
  ])('accepts "%s" for the FIPS setting', (text, useFips) => {
    expect(options({}, { AWS_USE_FIPS_ENDPOINT: text }).useFips).toBe(useFips);
  });

  it('accepts an endpoint without TLS, such as a sandbox', () => {
    expect(options({}, { AWS_ENDPOINT_URL: 'http://127.0.0.1:8080' }).endpoint?.port).toBe('8080');
  });

  it.each<[string, Inputs]>([
    ['Invalid input', { duration: '1' }],
    ['2 invalid inputs', { duration: '1', env_prefix: '1' }],
  ])('says: %s', (count, inputs) => {
    expect(() => options(inputs)).toThrow(
      expect.objectContaining({
        code: 'INVALID_INPUT',
        message: `${count}. Nothing was sent.`,
      }),
    );
  });

  it('accepts a policy with IAM policy variables', () => {
    const policy = '{"Statement":[{"Resource":"arn:aws:s3:::x/${aws:username}"}]}';
    expect(options({ policy }).policy).toBe(policy);
  });

  it('reports every problem at once, in the order of the inputs', () => {
    const found = problemsOf(
      {
        role_arn: 'deploy',
        duration: '1',
        region: 'nowhere',
        policy: '{',
        external_id: 'x',
        session_tags: '["a b"]',
        transitive_tags: 'yes',
        source_identity: 'user_login',
      },
      { GITLAB_OIDC_TOKEN: 'abc' },
    );
    expect(found.map(({ name }) => name)).toEqual([
      'role_arn',
      'policy',
      'external_id',
      'duration',
      'region',
      'GITLAB_OIDC_TOKEN',
      'session_tags[0]',
      'transitive_tags',
      'source_identity',
    ]);
  });

  it('reports everything that needs a chain together', () => {
    const found = problemsOf({
      ...good,
      external_id: 'shop-42',
      session_tags: '["ref"]',
      transitive_tags: 'true',
      source_identity: 'iss',
    });
    expect(found.map(({ name, rule, value }) => [name, rule, value])).toEqual([
      ['external_id', 'must not be set without role_chain', 'shop-42'],
      ['session_tags', 'must not be set without role_chain', '["ref"]'],
      ['transitive_tags', 'must not be set without role_chain', 'true'],
      ['source_identity', 'must not be set without role_chain', 'iss'],
    ]);
  });

  it('does not say that a chain is missing if one of its roles is wrong', () => {
    const found = problemsOf({ ...good, role_chain: '["next"]', external_id: 'shop-42' });
    expect(found.map(({ name }) => name)).toEqual(['role_chain[0]']);
  });

  it('never shows the token, even if it is invalid', () => {
    const found = problemsOf(good, { GITLAB_OIDC_TOKEN: 'secret-secret' });
    expect(JSON.stringify(found)).not.toContain('secret-secret');
  });
});

describe('inputsFromEnvironment', () => {
  it('reads only AWS_OIDC_ and the name in upper case', () => {
    const env = { AWS_OIDC_ROLE_ARN: role, AWS_OIDC_POLICY_ARNS: '[]', AWS_OIDC_OTHER: 'x', ROLE_ARN: 'y' };
    expect(inputsFromEnvironment(env)).toStrictEqual({ role_arn: role, policy_arns: '[]' });
  });
});

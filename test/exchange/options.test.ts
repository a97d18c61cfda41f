import { describe, expect, it } from 'vitest';
import { type Inputs, inputsFromEnvironment, type Options, readOptions } from '../../src/exchange/options.ts';
import { findToken } from '../../src/exchange/token-source.ts';
import { type Env, good, goodEnv, now, problemsOf, role, token } from '../support/input.ts';

function options(inputs: Inputs = {}, env: Env = {}): Options {
  const all = { ...goodEnv, ...env };
  return readOptions({ ...good, ...inputs }, all, findToken(all, undefined), now);
}

describe('readOptions', () => {
  it('needs no more than a role and a token', () => {
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
      envPrefix: '',
      endpoint: undefined,
      useFips: false,
    });
  });

  it('takes an empty input for its default, as a component passes it', () => {
    const empty: Inputs = {
      audience: '',
      duration: '',
      region: '',
      session_name: '',
      policy: '',
      policy_arns: '[]\n',
      allowed_account_ids: '',
      role_chain: '[]',
      external_id: '',
      env_prefix: '',
    };
    expect(options(empty)).toEqual(options());
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
    ["the partition's default", { role_arn: 'arn:aws-cn:iam::111111111111:role/x' }, {}, 'cn-north-1'],
  ])('takes the region from %s', (_, inputs, env, region) => {
    expect(options(inputs, env).region).toBe(region);
  });

  it('names a session after project and pipeline', () => {
    const env = { CI_PROJECT_ID: '20', CI_PIPELINE_ID: '574' };
    expect(options({}, env).sessionName).toBe('GitLabRunner-20-574');
  });

  it('cleans a session name and keeps what it was', () => {
    expect(options({ session_name: 'a/b' })).toMatchObject({
      sessionName: 'a-b',
      originalSessionName: 'a/b',
    });
  });

  it('prefers the endpoint of STS to the one of all services', () => {
    const env = {
      AWS_ENDPOINT_URL_STS: 'https://sts.example.com',
      AWS_ENDPOINT_URL: 'https://aws.example.com',
    };
    expect(options({}, env).endpoint?.href).toBe('https://sts.example.com/');
    expect(options({}, { ...env, AWS_ENDPOINT_URL_STS: '' }).endpoint?.href).toBe('https://aws.example.com/');
  });

  it('takes a policy with variables of IAM in it', () => {
    const policy = '{"Statement":[{"Resource":"arn:aws:s3:::x/${aws:username}"}]}';
    expect(options({ policy }).policy).toBe(policy);
  });

  it('reports every problem at once, in the order of the inputs', () => {
    const found = problemsOf(
      { role_arn: 'deploy', duration: '1', region: 'nowhere', policy: '{', external_id: 'x' },
      { GITLAB_OIDC_TOKEN: 'abc' },
    );
    expect(found.map(({ name }) => name)).toEqual([
      'role_arn',
      'policy',
      'external_id',
      'duration',
      'region',
      'GITLAB_OIDC_TOKEN',
    ]);
  });

  it('never shows the token, not even a wrong one', () => {
    const found = problemsOf(good, { GITLAB_OIDC_TOKEN: 'secret-secret' });
    expect(JSON.stringify(found)).not.toContain('secret-secret');
  });
});

describe('inputsFromEnvironment', () => {
  it('reads AWS_OIDC_ and the name in capitals, and nothing else', () => {
    const env = { AWS_OIDC_ROLE_ARN: role, AWS_OIDC_POLICY_ARNS: '[]', AWS_OIDC_OTHER: 'x', ROLE_ARN: 'y' };
    expect(inputsFromEnvironment(env)).toEqual({ role_arn: role, policy_arns: '[]' });
  });
});

import { describe, expect, it } from 'vitest';
import { clientVariables } from '../../src/credentials-server/client-environment.ts';
import { hasDefaultCredentials } from '../../src/credentials-server/config-credentials.ts';

const endpoint = { url: 'http://127.0.0.1:4711/credentials', authorizationToken: 'random' };
const facts = {
  region: 'eu-central-1',
  account: '111111111111',
  assumedRoleArn: 'arn:aws:sts::111111111111:assumed-role/deploy/x',
};
const variables = (env = {}) => clientVariables(endpoint, facts, env, '/dev/null');

describe('the variables for clients of the endpoint', () => {
  it('are the endpoint, its token, and what a renewal does not change', () => {
    expect(variables()).toEqual({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:4711/credentials',
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'random',
      AWS_REGION: 'eu-central-1',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_ACCOUNT_ID: '111111111111',
      AWS_ASSUMED_ROLE_ARN: 'arn:aws:sts::111111111111:assumed-role/deploy/x',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    });
  });

  it.each([
    ['none', {}, undefined, undefined],
    ['only for https', { HTTPS_PROXY: 'http://proxy' }, undefined, undefined],
    ['one', { HTTP_PROXY: 'http://proxy' }, '127.0.0.1', '127.0.0.1'],
    ['one, in lower case', { http_proxy: 'http://proxy' }, '127.0.0.1', '127.0.0.1'],
    ['one for all', { ALL_PROXY: 'http://proxy' }, '127.0.0.1', '127.0.0.1'],
    ['exceptions', { http_proxy: 'x', NO_PROXY: 'a.example' }, 'a.example,127.0.0.1', 'a.example,127.0.0.1'],
    [
      'different exceptions',
      { http_proxy: 'x', NO_PROXY: 'a', no_proxy: 'b, c' },
      'a,127.0.0.1',
      'b, c,127.0.0.1',
    ],
    ['an exception for all', { http_proxy: 'x', no_proxy: '*' }, '*', '*'],
    ['this exception', { http_proxy: 'x', no_proxy: 'a 127.0.0.1' }, 'a 127.0.0.1', 'a 127.0.0.1'],
  ])('keep the endpoint away from a proxy, if there is %s', (_, env, upper, lower) => {
    expect(variables(env)).toMatchObject({});
    expect([variables(env).NO_PROXY, variables(env).no_proxy]).toEqual([upper, lower]);
  });
});

describe('a config file has credentials in its default profile', () => {
  it.each([
    ['keys', '[default]\naws_access_key_id = x\n', true],
    ['a process', '[default]\r\nregion=x\r\ncredential_process = /bin/x\r\n', true],
    ['a role', '[profile default]\nrole_arn=x', true],
    ['single sign-on', '[ default ]\nsso_session = x', true],
    ['a region only', '[default]\nregion = eu-central-1\n# role_arn = x\n', false],
    ['another profile with keys', '[profile other]\naws_access_key_id = x\n[default]\nregion = x', false],
    ['a session with settings', '[default]\nregion=x\n[sso-session x]\nsso_region = x\n', false],
    ['nothing', '', false],
  ])('if it is there: %s', (_, config, expected) => {
    expect(hasDefaultCredentials(config)).toBe(expected);
  });
});

import { describe, expect, it } from 'vitest';
import type { Problem } from '../../src/errors.ts';
import type { Inputs } from '../../src/exchange/inputs.ts';
import { type Env, good, goodEnv, problemsOf, role } from '../support/input.ts';
import { unsignedToken } from '../support/token.ts';

const statement = '{"Statement":[]}';
const list = (...items: unknown[]) => JSON.stringify(items);
const arns = (count: number) => list(...Array<string>(count).fill('arn:aws:iam::aws:policy/ReadOnlyAccess'));
const unset = /^must not contain a variable that is not set: /;
const seconds = 'must be a duration from 900 to 43200 seconds';
const jsonArray = 'must be a JSON array of strings';
const prefix = 'must be letters, digits and "_", and not start with a digit';
const url = 'must be an http or https URL';
const claim = 'must be the name of a claim';
const external = 'must have 2 to 1224 characters, letters, digits and _+=,.@:/- only';
const chain = { role_chain: list('arn:aws:iam::222222222222:role/next') };

/** What is wrong, the inputs, the name that the problem has, its rule, and a part of its hint. */
const wrong: readonly [string, Inputs, string, string | RegExp, string?][] = [
  [
    'a variable with the name of one of the component',
    { role_arn: '$AWS_OIDC_ROLE_ARN' },
    'role_arn',
    unset,
    'rename your variable to one that does not start with AWS_OIDC_',
  ],
  [
    'an empty role',
    { role_arn: '' },
    'role_arn',
    'must not be empty',
    'it may be protected and this ref is not',
  ],
  [
    'no role',
    { role_arn: undefined } as unknown as Inputs,
    'role_arn',
    'must not be empty',
    'If it is set to a variable',
  ],
  ['a role that is a name', { role_arn: 'deploy' }, 'role_arn', /^must be arn:/, 'Use the whole ARN'],
  ['a role that is a variable', { role_arn: '$ROLE' }, 'role_arn', unset, 'It does not exist'],
  ['a role with a variable in it', { role_arn: 'arn:aws:iam::$ID:role/x' }, 'role_arn', unset],
  ['a role with a variable in braces', { role_arn: 'arn:aws:iam::${ID}:role/x' }, 'role_arn', unset],
  ['a role of two lines', { role_arn: `${role}\nx` }, 'role_arn', /^must be arn:/],
  [
    'a user for a role',
    { role_arn: 'arn:aws:iam::111111111111:user/x' },
    'role_arn',
    /^must be arn:/,
    'not the ARN of a role',
  ],
  [
    'a role without an account',
    { role_arn: 'arn:aws:iam:::role/x' },
    'role_arn',
    /^must be arn:/,
    'account is empty',
  ],
  ['a duration that is a word', { duration: 'an hour' }, 'duration', seconds, 'For example 3600, 60m or 1h'],
  ['a duration below 900', { duration: '899' }, 'duration', seconds],
  ['a duration above 43200', { duration: '43201' }, 'duration', seconds],
  ['a negative duration', { duration: '-3600' }, 'duration', seconds],
  ['a duration with a fraction', { duration: '3600.5' }, 'duration', seconds],
  ['a duration in exponents', { duration: '1e4' }, 'duration', seconds],
  ['a duration in hexadecimal', { duration: '0xe10' }, 'duration', seconds],
  ['a duration in days', { duration: '1d' }, 'duration', seconds],
  ['a duration with a space', { duration: ' 3600' }, 'duration', seconds],
  ['a duration that is a variable', { duration: '$SECONDS_' }, 'duration', unset],
  [
    'more than an hour with a chain',
    { duration: '3601', ...chain },
    'duration',
    'must be at most 3600 seconds with role_chain',
    'one hour',
  ],
  [
    'a role that is a name, with a region of China',
    { role_arn: 'x', region: 'cn-north-1' },
    'role_arn',
    /^must/,
  ],
  [
    'a role that is a name, with accounts',
    { role_arn: 'x', allowed_account_ids: list('222222222222') },
    'role_arn',
    /^must/,
  ],
  [
    'no region in a partition without a default',
    { role_arn: 'arn:aws-moon:iam::111111111111:role/x' },
    'region',
    'must be set for the partition "aws-moon"',
  ],
  ['a region that does not exist', { region: 'Frankfurt' }, 'region', 'must be the name of an AWS region'],
  [
    'a zone for a region',
    { region: 'eu-central-1a' },
    'region',
    'must be the name of an AWS region',
    'Availability Zone',
  ],
  ['a region with a host in it', { region: 'x.example.com/' }, 'region', 'must be the name of an AWS region'],
  [
    'a region of another partition',
    { region: 'cn-north-1' },
    'region',
    /^must be in the role's partition "aws"/,
  ],
  ['a region that is a variable', { region: '$MY_REGION' }, 'region', unset],
  ['a session name of one character', { session_name: 'x' }, 'session_name', 'must have 2 to 64 characters'],
  ['a policy that is a variable', { policy: '$POLICY' }, 'policy', unset],
  ['a session name that is a variable', { session_name: '${NAME}' }, 'session_name', unset],
  ['a policy that is not JSON', { policy: '{"Statement":' }, 'policy', 'must be valid JSON'],
  ['a policy that is a list', { policy: '[]' }, 'policy', /^must be a policy document/],
  ['a policy that is null', { policy: 'null' }, 'policy', /^must be a policy document/],
  ['a policy that is a text', { policy: '"x"' }, 'policy', /^must be a policy document/],
  ['a policy without statements', { policy: '{}' }, 'policy', /^must be a policy document/],
  [
    'a policy of 2049 characters',
    { policy: statement.padEnd(2049) },
    'policy',
    /^must have at most 2048 characters; it has 2049/,
    'Remove white space',
  ],
  [
    'a policy in Japanese',
    { policy: '{"Statement":[],"Id":"方針"}' },
    'policy',
    'must have characters from U+0020 to U+00FF only',
  ],
  [
    'a policy that has a character too many with the managed ones',
    { policy: statement.padEnd(2011), policy_arns: arns(1) },
    'policy',
    'must have at most 2048 characters together with policy_arns; they have 2049',
  ],
  [
    'a policy that is too long with the managed ones',
    { policy: statement.padEnd(2000), policy_arns: arns(2) },
    'policy',
    /^must have at most 2048 characters together with policy_arns; they have 2076/,
  ],
  [
    'managed policies that are no JSON',
    { policy_arns: 'arn:aws:iam::aws:policy/X' },
    'policy_arns',
    'must be valid JSON',
  ],
  ['managed policies that are an object', { policy_arns: '{}' }, 'policy_arns', jsonArray, '["a", "b"]'],
  ['managed policies that are null', { policy_arns: 'null' }, 'policy_arns', jsonArray],
  [
    'a managed policy that is a name',
    { policy_arns: list('ReadOnlyAccess') },
    'policy_arns[0]',
    /^must be arn:/,
  ],
  [
    'a second managed policy that is a role',
    { policy_arns: list('arn:aws:iam::aws:policy/X', role) },
    'policy_arns[1]',
    /^must be arn:/,
  ],
  ['a managed policy that is empty', { policy_arns: list('') }, 'policy_arns[0]', /^must be arn:/],
  ['a managed policy that is a list', { policy_arns: list([]) }, 'policy_arns', jsonArray],
  ['a managed policy that is a variable', { policy_arns: list('$POLICY') }, 'policy_arns[0]', unset],
  [
    '11 managed policies',
    { policy_arns: arns(11) },
    'policy_arns',
    'must have at most 10 entries; it has 11',
  ],
  [
    'account ids that are numbers',
    { allowed_account_ids: '[111111111111]' },
    'allowed_account_ids',
    jsonArray,
    'Quote numbers',
  ],
  [
    'an account id of 11 digits',
    { allowed_account_ids: list('11111111111') },
    'allowed_account_ids[0]',
    'must be an account ID of 12 digits',
  ],
  [
    'an account id of 13 digits',
    { allowed_account_ids: list('1111111111111') },
    'allowed_account_ids[0]',
    'must be an account ID of 12 digits',
  ],
  [
    'an account id with hyphens',
    { allowed_account_ids: list('1111-1111-1111') },
    'allowed_account_ids[0]',
    'must be an account ID of 12 digits',
  ],
  [
    'an account name',
    { allowed_account_ids: list('production') },
    'allowed_account_ids[0]',
    'must be an account ID of 12 digits',
  ],
  [
    'a role in an account that is not allowed',
    { allowed_account_ids: list('222222222222') },
    'allowed_account_ids',
    /111111111111 is not one of 222222222222/,
    'Correct the role',
  ],
  [
    'a role in none of the accounts',
    { allowed_account_ids: list('222222222222', '333333333333') },
    'allowed_account_ids',
    /111111111111 is not one of 222222222222, 333333333333$/,
  ],
  [
    'a chained role in an account that is not allowed',
    { allowed_account_ids: list('111111111111'), ...chain },
    'allowed_account_ids',
    /222222222222 is not one of 111111111111/,
  ],
  ['a chain that is one role', { role_chain: role }, 'role_chain', 'must be valid JSON'],
  ['a chain of names', { role_chain: list('next') }, 'role_chain[0]', /^must be arn:/],
  ['a chain with an unset variable', { role_chain: list(role, '${NEXT}') }, 'role_chain[1]', unset],
  ['a chain of numbers', { role_chain: '[1]' }, 'role_chain', jsonArray],
  [
    'an external id without a chain',
    { external_id: 'shop-42' },
    'external_id',
    'must not be set without role_chain',
    'has no external ID',
  ],
  ['an external id of one character', { external_id: 'x', ...chain }, 'external_id', external],
  ['an external id of 1225 characters', { external_id: 'x'.repeat(1225), ...chain }, 'external_id', external],
  ['an external id with a space', { external_id: 'a b', ...chain }, 'external_id', external],
  ['an external id that is a variable', { external_id: '$EXTERNAL', ...chain }, 'external_id', unset],
  [
    'tags without a chain',
    { session_tags: list('ref') },
    'session_tags',
    'must not be set without role_chain',
    'use session_name to identify the job',
  ],
  [
    'a tag with another key',
    { session_tags: list('Ref=ref'), ...chain },
    'session_tags[0]',
    claim,
    'user_login',
  ],
  ['a tag of AWS', { session_tags: list('ref', 'aws:x'), ...chain }, 'session_tags[1]', claim],
  ['a tag that is a variable', { session_tags: list('$CLAIM'), ...chain }, 'session_tags[0]', unset],
  ['tags that are no list', { session_tags: 'ref', ...chain }, 'session_tags', 'must be valid JSON'],
  [
    'a tag twice',
    { session_tags: list('ref', 'job_id', 'Ref'), ...chain },
    'session_tags',
    'must not list a claim twice (case is ignored)',
  ],
  [
    'more tags than STS accepts',
    { session_tags: list(...Array.from({ length: 51 }, (_, index) => `claim_${index}`)), ...chain },
    'session_tags',
    'must have at most 50 entries; it has 51',
  ],
  ['transitive tags without a chain', { transitive_tags: 'true' }, 'transitive_tags', /without role_chain$/],
  [
    'transitive tags that are a list',
    { transitive_tags: '[]', ...chain },
    'transitive_tags',
    /true or false$/,
  ],
  ['a source identity without a chain', { source_identity: 'iss' }, 'source_identity', /without role_chain$/],
  [
    'a source identity that is not a claim',
    { source_identity: 'jdoe', ...chain },
    'source_identity',
    'must be the name of a claim in the token',
    'user_login',
  ],
  ['a source identity that is a variable', { source_identity: '$CLAIM', ...chain }, 'source_identity', unset],
  ['a source identity that is too short', { source_identity: 'sub', ...chain }, 'source_identity', /2 to 64/],
  ['a prefix that begins with a digit', { env_prefix: '1_' }, 'env_prefix', prefix],
  ['a prefix of 101 characters', { env_prefix: 'P'.repeat(101) }, 'env_prefix', prefix],
  ['a prefix with a hyphen', { env_prefix: 'PROD-' }, 'env_prefix', prefix, 'PROD_'],
  ['a prefix with a line break', { env_prefix: 'A\nB' }, 'env_prefix', prefix],
  ['a prefix with an equals sign', { env_prefix: 'A=' }, 'env_prefix', prefix],
  ['a prefix that is a variable', { env_prefix: '$PREFIX' }, 'env_prefix', unset],
];

/** The same for what comes from the environment alone. */
const wrongEnvironment: readonly [string, Env, string, string | RegExp, string?][] = [
  ['no token', { GITLAB_OIDC_TOKEN: undefined }, 'GITLAB_OIDC_TOKEN', 'must not be empty', '"id_tokens"'],
  ['an empty token', { GITLAB_OIDC_TOKEN: '' }, 'GITLAB_OIDC_TOKEN', 'must not be empty', 'CI_JOB_JWT_V2'],
  ['a token that is a variable', { GITLAB_OIDC_TOKEN: '$TOKEN' }, 'GITLAB_OIDC_TOKEN', /^must be a token/],
  ['a job token', { GITLAB_OIDC_TOKEN: 'x', CI_JOB_TOKEN: 'x' }, 'GITLAB_OIDC_TOKEN', /not CI_JOB_TOKEN$/],
  [
    'an expired token',
    { GITLAB_OIDC_TOKEN: unsignedToken({ exp: 1 }) },
    'GITLAB_OIDC_TOKEN',
    /^must not be expired/,
  ],
  [
    'AWS_REGION in another partition',
    { AWS_REGION: 'cn-north-1' },
    'AWS_REGION',
    /^must be in the role's partition/,
  ],
  [
    'a wrong AWS_DEFAULT_REGION',
    { AWS_DEFAULT_REGION: 'x' },
    'AWS_DEFAULT_REGION',
    'must be the name of an AWS region',
  ],
  [
    'an endpoint without a scheme',
    { AWS_ENDPOINT_URL_STS: 'localhost' },
    'AWS_ENDPOINT_URL_STS',
    url,
    'For example https://endpoint.example.com.',
  ],
  ['an endpoint of another scheme', { AWS_ENDPOINT_URL: 'xhttp://example.com' }, 'AWS_ENDPOINT_URL', url],
  ['an endpoint that is a file', { AWS_ENDPOINT_URL: 'file:///etc/passwd' }, 'AWS_ENDPOINT_URL', url],
  [
    'an endpoint that is a script',
    { AWS_ENDPOINT_URL_STS: 'javascript:alert(1)' },
    'AWS_ENDPOINT_URL_STS',
    url,
  ],
  [
    'an endpoint with a password',
    { AWS_ENDPOINT_URL_STS: 'https://a:b@x' },
    'AWS_ENDPOINT_URL_STS',
    'must not hold a user name or password',
  ],
  [
    'an endpoint with a user name alone',
    { AWS_ENDPOINT_URL: 'https://a@x' },
    'AWS_ENDPOINT_URL',
    'must not hold a user name or password',
  ],
  [
    'an endpoint with a password alone',
    { AWS_ENDPOINT_URL: 'https://:b@x' },
    'AWS_ENDPOINT_URL',
    'must not hold a user name or password',
  ],
  ['an endpoint that is a variable', { AWS_ENDPOINT_URL_STS: '$STS' }, 'AWS_ENDPOINT_URL_STS', unset],
  ...['yes', 'untrue', 'falsehood'].map((text): [string, Env, string, string] => [
    `FIPS that is "${text}"`,
    { AWS_USE_FIPS_ENDPOINT: text },
    'AWS_USE_FIPS_ENDPOINT',
    'must be true or false',
  ]),
  [
    'FIPS with an endpoint',
    { AWS_USE_FIPS_ENDPOINT: 'true', AWS_ENDPOINT_URL: 'https://sts.example.com:8443/x' },
    'AWS_USE_FIPS_ENDPOINT',
    'must not be true with a custom endpoint',
    'The endpoint is sts.example.com:8443: unset one of the two.',
  ],
];

describe('wrong input', () => {
  it.each(['https://a:b@x', 'https://a@x', 'ftp://:b@x', 'b@x'])(
    'does not repeat a URL that may contain a password: %s',
    (url) => {
      const [problem] = problemsOf(good, { ...goodEnv, AWS_ENDPOINT_URL_STS: url });
      expect(problem).toMatchObject({ name: 'AWS_ENDPOINT_URL_STS', value: undefined });
    },
  );

  it.each(wrong)('refuses %s', (_, inputs, name, rule, hint) => {
    expectProblem(problemsOf({ ...good, ...inputs }), name, rule, hint);
  });

  it.each(wrongEnvironment)('refuses %s', (_, env, name, rule, hint) => {
    expectProblem(problemsOf(good, { ...goodEnv, ...env }), name, rule, hint);
  });

  it('mentions quotes only if an item is a number', () => {
    const [problem] = problemsOf({ ...good, allowed_account_ids: '[["111111111111"]]' });
    expect(problem).toMatchObject({ rule: jsonArray, hint: undefined });
  });

  function expectProblem(
    found: readonly Problem[],
    name: string,
    rule: string | RegExp,
    hint?: string,
  ): void {
    expect(found).toHaveLength(1);
    expect(found[0]?.name).toBe(name);
    if (typeof rule === 'string') expect(found[0]?.rule).toBe(rule);
    else expect(found[0]?.rule).toMatch(rule);
    if (hint !== undefined) expect(found[0]?.hint).toContain(hint);
  }
});

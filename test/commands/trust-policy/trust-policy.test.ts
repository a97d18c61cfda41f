import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../../src/command-line/run.ts';
import { fakeIo } from '../../support/fake-io.ts';
import { root } from '../../support/run-program.ts';
import { unsignedToken } from '../../support/token.ts';

/** Runs the command line on files with these texts; their names in the arguments are replaced. */
async function trustPolicy(
  args: readonly string[],
  files: Record<string, string> = {},
  env: Record<string, string> = {},
) {
  const io = fakeIo(env);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(io.directory, name), text);
  const argv = args.map((arg) => (Object.hasOwn(files, arg) ? join(io.directory, arg) : arg));
  const exitCode = await run(['trust-policy', ...argv], io);
  const clean = (text: string) => text.replaceAll(`${io.directory}/`, '');
  return { io, exitCode, results: clean(io.results()), text: clean(io.text()) };
}

const gitlabCom = ['--issuer', 'https://gitlab.com', '--account', '111111111111', '--project', 'acme/shop'];
const ids = ['--project-id', '20', '--namespace-id', '72'];
const selfManaged = [
  '--issuer',
  'https://gitlab.example.com',
  '--account',
  '111111111111',
  '--project',
  'acme/shop',
];

const broad = JSON.stringify(
  {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: 'arn:aws:iam::111111111111:oidc-provider/gitlab.com' },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: { StringLike: { 'gitlab.com:sub': 'project_path:acme/shop:ref_type:branch:ref:main*' } },
      },
    ],
  },
  null,
  2,
);

describe('trust-policy explain, for a chained role', () => {
  const denied = (action: string) =>
    `An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:sts::111111111111:assumed-role/hub/GitLabRunner-20-574 is not authorized to perform: ${action} on resource: arn:aws:iam::222222222222:role/deploy`;
  const chainPolicy = (AWS: string, Action: string | string[], Condition?: object) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS }, Action, Condition }],
    });
  const hub = 'arn:aws:iam::111111111111:role/ci/hub';
  const explain = async (policy: string, action: string) => {
    const files = {
      'policy.json': policy,
      'claims.json': JSON.stringify({ iss: 'https://gitlab.com', sub: 'x' }),
    };
    const flags = ['--policy', 'policy.json', '--claims', 'claims.json', '--error', denied(action)];
    return trustPolicy(['explain', ...flags], files);
  };

  it.each([
    ['the action is missing', chainPolicy(hub, 'sts:AssumeRole')],
    ['another role is trusted', chainPolicy('arn:aws:iam::111111111111:role/hub2', 'sts:*')],
    ['another account is trusted', chainPolicy('arn:aws:iam::333333333333:root', 'sts:*')],
  ])('says what to add if %s', async (_, policy) => {
    const { exitCode, text } = await explain(policy, 'sts:TagSession');
    expect(exitCode).toBe(1);
    expect(text).toContain(
      'The trust policy of arn:aws:iam::222222222222:role/deploy does not allow sts:TagSession.',
    );
  });

  it.each([
    ['the role', chainPolicy(hub, ['sts:AssumeRole', 'STS:tagsession'])],
    ['its account', chainPolicy('arn:aws:iam::111111111111:root', 'sts:*')],
    ['its account ID', chainPolicy('111111111111', 'sts:Tag*')],
  ])('does not blame a policy that allows it to %s', async (_, policy) => {
    const { exitCode, text } = await explain(policy, 'sts:TagSession');
    expect(exitCode).toBe(1);
    expect(text).toContain('This policy has a statement that allows sts:TagSession to the role hub.');
    expect(text).toContain('→ The permissions of the role hub must allow sts:TagSession, too');
    expect(text).not.toContain('does not allow sts:TagSession');
  });

  it('names the conditions of the statement', async () => {
    const condition = { StringEquals: { 'sts:ExternalId': 'shop-42' } };
    const { text } = await explain(chainPolicy(hub, 'sts:AssumeRole', condition), 'sts:AssumeRole');
    expect(text).toContain('Check its conditions on "sts:ExternalId".');
  });
});

describe('trust-policy generate', () => {
  const chained = ['generate', '--chained-from', 'arn:aws:iam::111111111111:role/hub'];

  it('writes the policy of a role that another role assumes, even in a job', async () => {
    const job = {
      CI_SERVER_URL: 'https://gitlab.com',
      CI_PROJECT_PATH: 'acme/shop',
      CI_COMMIT_BRANCH: 'main',
    };
    const flags = ['--source-identity', '--role-name', 'deploy'];
    const { exitCode, results, text } = await trustPolicy([...chained, ...flags], {}, job);
    expect(exitCode).toBe(0);
    expect(JSON.parse(results).Statement.map(({ Action }: { Action: unknown }) => Action)).toEqual([
      'sts:AssumeRole',
      ['sts:TagSession', 'sts:SetSourceIdentity'],
    ]);
    expect(text).toContain(
      '! The permissions of arn:aws:iam::111111111111:role/hub must allow sts:AssumeRole, sts:TagSession, sts:SetSourceIdentity on this role, if it is in another account.',
    );
    expect(text).toContain('aws iam create-role --role-name deploy --max-session-duration 3600');
    expect((await trustPolicy([...chained, '--no-session-tags'])).results).not.toContain('TagSession');
  });

  it('reports flags that do not fit a chained role, and the reverse', async () => {
    const wrong = await trustPolicy([
      ...chained,
      '--chained-from',
      'x',
      '--branch',
      'main',
      '--external-id',
      'a b',
    ]);
    expect(wrong.exitCode).toBe(2);
    expect(wrong.text.match(/"--[\w-]+" must.*/g)).toEqual([
      '"--branch" must not be set with --chained-from',
      '"--chained-from" must be arn:PARTITION:iam::ACCOUNT:role/NAME',
      '"--external-id" must have 2 to 1224 characters, letters, digits and _+=,.@:/- only',
    ]);
    const flags = ['--external-id', 'shop-42', '--no-session-tags', '--source-identity'];
    const alone = await trustPolicy(['generate', ...selfManaged, '--branch', 'main', ...flags]);
    expect(alone.exitCode).toBe(2);
    expect(alone.text.match(/"--[\w-]+" must.*/g)).toEqual([
      '"--external-id" must not be set without --chained-from',
      '"--no-session-tags" must not be set without --chained-from',
      '"--source-identity" must not be set without --chained-from',
    ]);
  });

  it('writes the policy to standard output and the commands to the log', async () => {
    const { exitCode, results, text } = await trustPolicy(['generate', ...selfManaged, '--branch', 'main']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(results).Statement[0].Condition).toEqual({
      StringEquals: {
        'gitlab.example.com:sub': 'project_path:acme/shop:ref_type:branch:ref:main',
        'gitlab.example.com:aud': 'https://gitlab.example.com',
      },
    });
    expect(text).toContain(
      `aws iam create-open-id-connect-provider --url https://gitlab.example.com --client-id-list '["https://gitlab.example.com"]'\n`,
    );
    expect(text).toContain(
      'aws iam create-role --role-name gitlab-ci --max-session-duration 3600 --assume-role-policy-document file://trust.json\n',
    );
  });

  it('defaults to the values of the job', async () => {
    const env = {
      CI_SERVER_URL: 'https://gitlab.com',
      CI_PROJECT_PATH: 'acme/shop',
      CI_PROJECT_ID: '20',
      CI_PROJECT_NAMESPACE_ID: '72',
      CI_COMMIT_TAG: 'v1.0',
      AWS_OIDC_ROLE_ARN: 'arn:aws-cn:iam::111111111111:role/ci/deploy',
    };
    const { exitCode, results } = await trustPolicy(['generate', '--format', 'cloudformation'], {}, env);
    expect(exitCode).toBe(0);
    const { Role } = JSON.parse(results).Resources;
    expect(Role.Properties.RoleName).toBe('deploy');
    const [statement] = Role.Properties.AssumeRolePolicyDocument.Statement;
    expect(statement.Principal.Federated).toBe('arn:aws-cn:iam::111111111111:oidc-provider/gitlab.com');
    expect(statement.Condition.StringEquals).toMatchObject({
      'gitlab.com:sub': 'project_path:acme/shop:ref_type:tag:ref:v1.0',
      'gitlab.com:project_id': '20',
      'gitlab.com:namespace_id': '72',
    });
  });

  it("does not combine another project with the job's own IDs", async () => {
    const env = { CI_PROJECT_ID: '20', CI_PROJECT_NAMESPACE_ID: '72', CI_COMMIT_BRANCH: 'main' };
    const { exitCode, text } = await trustPolicy(['generate', ...gitlabCom], {}, env);
    expect(exitCode).toBe(2);
    expect(text).toContain('"--project-id" must not be empty');
    expect(text).toContain('"--branch" must be set, or --tag, --environment or --merge-requests');
  });

  it('reports all problems at once', async () => {
    const { exitCode, text } = await trustPolicy([
      'generate',
      '--issuer',
      'http://x',
      '--account',
      '1',
      '--project',
      'x',
      '--role-name',
      'a b',
      '--branch',
      'a b',
    ]);
    expect(exitCode).toBe(2);
    for (const name of ['--issuer', '--account', '--project', '--role-name', '--branch'])
      expect(text).toContain(`"${name}" must`);
  });

  it.each([
    [
      'an issuer with a slash at its end',
      ['--issuer', 'https://gitlab.com/'],
      `"--issuer" must not end with a slash`,
    ],
    [
      'an issuer with a query',
      ['--issuer', 'https://gitlab.com?x'],
      '"--issuer" must be an https URL without query',
    ],
    [
      'CircleCI without the id of a project',
      ['--issuer', 'https://oidc.circleci.com/org/x'],
      '"--project-id" must be an ID such as',
    ],
    [
      'merge requests and a branch',
      ['--branch', 'main', '--merge-requests'],
      '"--merge-requests" must not be combined with --branch',
    ],
    [
      'merge requests of another instance',
      [...selfManaged, '--merge-requests'],
      '"--merge-requests" must not be set for this issuer',
    ],
    [
      'an environment with a wildcard',
      ['--environment', 'review/*'],
      '"--environment" must be the name of an environment',
    ],
    ['a full name of a ref', ['--branch', 'refs/heads/main'], '"--branch" must be the short name'],
    ['a line break in a branch', ['--branch', 'a\nb'], '"--branch" must be the name of a branch or tag'],
    [
      'a pattern where nothing can test protection',
      [...selfManaged, '--branch', 'release/*'],
      '"--branch" must not contain "*" for this issuer',
    ],
    ['a duration that no role can have', ['--duration', '99999'], '"--duration" must be a duration from'],
    ['a partition that is none', ['--partition', 'azure'], '"--partition" must be an AWS partition'],
  ])('refuses %s', async (_, flags, message) => {
    const isNamed = flags.some((flag) => ['--branch', '--merge-requests', '--environment'].includes(flag));
    const branch = isNamed ? [] : ['--branch', 'main'];
    const { exitCode, text, results } = await trustPolicy([
      'generate',
      ...gitlabCom,
      ...ids,
      ...branch,
      ...flags,
    ]);
    expect(text).toContain(message);
    expect({ exitCode, results }).toEqual({ exitCode: 2, results: '' });
  });

  it('trusts each of several refs', async () => {
    const flags = ['--branch', 'main', '--branch', 'next', '--tag', 'v1'];
    const { exitCode, results } = await trustPolicy(['generate', ...gitlabCom, ...ids, ...flags]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(results).Statement[0].Condition.StringEquals['gitlab.com:sub']).toEqual([
      'project_path:acme/shop:ref_type:branch:ref:main',
      'project_path:acme/shop:ref_type:branch:ref:next',
      'project_path:acme/shop:ref_type:tag:ref:v1',
    ]);
  });

  it('trusts an environment, and explains what the project must set', async () => {
    const { results, text } = await trustPolicy(['generate', ...selfManaged, '--environment', 'production']);
    expect(JSON.parse(results).Statement[0].Condition.StringEquals['gitlab.example.com:sub']).toBe(
      'project_path:acme/shop:environment:production',
    );
    expect(text).toContain('ci_id_token_sub_claim_components');
  });

  it('trusts merge requests of the project, and warns who can open them', async () => {
    const { results, text } = await trustPolicy(['generate', ...gitlabCom, ...ids, '--merge-requests']);
    expect(JSON.parse(results).Statement[0].Condition).toEqual({
      StringEquals: {
        'gitlab.com:aud': 'https://gitlab.com',
        'gitlab.com:project_id': '20',
        'gitlab.com:namespace_id': '72',
        'gitlab.com:pipeline_source': 'merge_request_event',
      },
      StringLike: { 'gitlab.com:sub': 'project_path:acme/shop:ref_type:branch:ref:*' },
    });
    expect(text).toContain('make the role read-only');
  });

  it('trusts a CircleCI project by its ID', async () => {
    const id = '6f1d2a7e-3a55-4d51-8a1f-0f6a2a1c9b10';
    const issuer = 'https://oidc.circleci.com/org/aaaa';
    const flags = ['--issuer', issuer, '--account', '111111111111', '--project-id', id];
    const { exitCode, results } = await trustPolicy(['generate', ...flags]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(results).Statement[0].Condition).toEqual({
      StringEquals: {
        'oidc.circleci.com/org/aaaa:aud': 'aaaa',
        'oidc.circleci.com/org/aaaa:oidc.circleci.com/project-id': id,
      },
      StringLike: { 'oidc.circleci.com/org/aaaa:sub': `org/aaaa/project/${id}/user/*` },
    });
    const linted = await trustPolicy(['lint', 'x.json'], { 'x.json': results });
    expect(linted.exitCode).toBe(0);
  });

  it.each(['json', 'cloudformation'])('passes its own lint and its own explain as %s', async (format) => {
    const { results } = await trustPolicy([
      'generate',
      ...gitlabCom,
      ...ids,
      '--branch',
      'main',
      '--format',
      format,
    ]);
    const linted = await trustPolicy(['lint', 'x.json', '--fail-on', 'info'], { 'x.json': results });
    expect(linted).toMatchObject({ exitCode: 0, results: '✔ 1 trust policy checked, nothing found.\n' });
    const claims = {
      iss: 'https://gitlab.com',
      aud: 'https://gitlab.com',
      sub: 'project_path:acme/shop:ref_type:branch:ref:main',
      project_id: '20',
      namespace_id: '72',
      ref_protected: 'true',
    };
    const files = { 'x.json': results, 'claims.json': JSON.stringify(claims) };
    const explained = await trustPolicy(['explain', '--policy', 'x.json', '--claims', 'claims.json'], files);
    expect(explained.exitCode).toBe(0);
    expect(explained.results).toMatch(/^✔ The trust policy allows this token\./);
  });
});

describe('trust-policy lint', () => {
  it('prints the place, value, risk and fix', async () => {
    const { exitCode, results } = await trustPolicy(['lint', 'role.json'], { 'role.json': broad });
    expect(exitCode).toBe(1);
    expect(results).toContain(
      '! role.json:12:11: minor: "project_path:acme/shop:ref_type:branch:ref:main*" [subject-some-refs]\n  Anyone who can push a ref',
    );
    expect(results).toContain(
      '✘ role.json:4:5: major: "aud" is not restricted to exact values [audience-unpinned]',
    );
    expect(results).toContain('1 trust policy checked, 3 findings.');
  });

  it.each([
    ['info', 1],
    ['minor', 1],
    ['major', 1],
    ['critical', 0],
    ['blocker', 0],
  ])('fails on %s with %d', async (severity, expected) => {
    const { exitCode } = await trustPolicy(['lint', 'role.json', '--fail-on', severity], {
      'role.json': broad,
    });
    expect(exitCode).toBe(expected);
  });

  it('prints JSON with file, line and column', async () => {
    const { results } = await trustPolicy(['lint', 'a.json', 'b.json', '--format', 'json'], {
      'a.json': broad,
      'b.json': broad,
    });
    const findings = JSON.parse(results);
    expect(findings).toHaveLength(6);
    expect(findings[0]).toMatchObject({
      file: expect.stringMatching(/a\.json$/),
      line: 12,
      column: 11,
      rule: 'subject-some-refs',
      severity: 'minor',
    });
  });

  it('reports as Code Quality', async () => {
    const { results } = await trustPolicy(['lint', 'a.json', '--format', 'codequality'], { 'a.json': broad });
    expect(JSON.parse(results)[0]).toMatchObject({
      check_name: 'subject-some-refs',
      location: { lines: { begin: 12 } },
    });
  });

  it('prints the role of a template', async () => {
    const { exitCode, results } = await trustPolicy([
      'lint',
      join(root, 'test/fixtures/policies/template.yml'),
    ]);
    expect(exitCode).toBe(1);
    expect(results).toMatch(
      /template\.yml:38:17: critical: "project_path:acme\/\*", one of 2 values, any of which is enough \[subject-whole-group\] \(Broad\)/,
    );
    expect(results).toMatch(
      /template\.yml:45:38: blocker: "sub" is not restricted to specific values \[subject-missing\] \(AsText\)/,
    );
  });

  it('shows the place of a syntax error, and exits with 2', async () => {
    const { exitCode, text, results } = await trustPolicy(['lint', 'x.json'], {
      'x.json': '{\n  "Version": 1,\n  "Statement" []\n}\n',
    });
    expect({ exitCode, results }).toEqual({ exitCode: 2, results: '' });
    expect(text).toBe('✘ x.json:3:15: invalid JSON: colon expected\n    "Statement" []\n                ^\n');
  });

  it('reports a missing file', async () => {
    const { exitCode, text } = await trustPolicy(['lint', '/nowhere/x.json']);
    expect(exitCode).toBe(2);
    expect(text).toContain('must be a readable file (ENOENT)');
  });

  it('rejects an unknown severity', async () => {
    const { exitCode, text } = await trustPolicy(['lint', 'x.json', '--fail-on', 'bad'], { 'x.json': broad });
    expect(exitCode).toBe(2);
    expect(text).toContain('Allowed choices are info, minor, major, critical, blocker');
  });
});

describe('trust-policy explain', () => {
  const claims = {
    iss: 'https://gitlab.com',
    aud: 'https://gitlab.com',
    sub: 'project_path:acme/shop:ref_type:tag:ref:v1',
    exp: 1,
  };
  const files = { 'role.json': broad, 'claims.json': JSON.stringify(claims) };

  it('shows each condition, the cause, and the corrected policy', async () => {
    const { exitCode, results } = await trustPolicy(
      ['explain', '--policy', 'role.json', '--claims', 'claims.json'],
      files,
    );
    expect(exitCode).toBe(1);
    expect(results).toMatch(
      /^✘ The trust policy does not allow this token\.\n {2}The token is for a tag, but the policy is for a branch\.\n/,
    );
    expect(results).toContain(
      'Statement 1: Allow, does not apply\n  ✔ principal\n  ✔ action\n  ✘ gitlab.com:sub StringLike\n',
    );
    expect(results).toContain(
      '      wanted: "project_path:acme/shop:ref_type:branch:ref:main*"\n      token:  "project_path:acme/shop:ref_type:tag:ref:v1"\n',
    );
    expect(results).toContain('"gitlab.com:sub": "project_path:acme/shop:ref_type:tag:ref:v1",\n');
  });

  it('marks the difference, and prints the command for the written file', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'corrected-')), 'corrected.json');
    const role = ['--role-arn', 'arn:aws:iam::111111111111:role/deploy', '--write-corrected', file];
    const { results } = await trustPolicy(
      ['explain', '--policy', 'role.json', '--claims', 'claims.json', ...role],
      files,
    );
    expect(results).toContain(
      [
        '       token   project_path:acme/shop:ref_type:tag:ref:v1',
        '       policy  project_path:acme/shop:ref_type:branch:ref:main*',
        '                                               ^',
        '',
      ].join('\n'),
    );
    expect(results).toContain(
      `aws iam update-assume-role-policy --role-name deploy --policy-document file://${file}`,
    );
    const [statement] = JSON.parse(readFileSync(file, 'utf8')).Statement;
    expect(statement.Condition.StringEquals['gitlab.com:sub']).toBe(
      'project_path:acme/shop:ref_type:tag:ref:v1',
    );
  });

  it('reports an expired token', async () => {
    const old = { ...claims, exp: 1_600_000_000 };
    const { text } = await trustPolicy(['explain', '--policy', 'role.json', '--claims', 'claims.json'], {
      ...files,
      'claims.json': JSON.stringify(old),
    });
    expect(text).toContain('! The token expired at 2020-09-13T12:26:40.000Z');
  });

  it.each([
    ['--token-file', ['--token-file', 'token']],
    ['--token-env', ['--token-env', 'MY_TOKEN']],
    ['the environment', []],
  ])('reads a token, even an expired one, from %s', async (_, flags) => {
    const token = unsignedToken(claims);
    const env = { MY_TOKEN: token, GITLAB_OIDC_TOKEN: flags.length > 0 ? '' : token };
    const { exitCode, text } = await trustPolicy(
      ['explain', '--policy', 'role.json', ...flags],
      { ...files, token: `${token}\n` },
      env,
    );
    expect(exitCode).toBe(1);
    expect(text).toContain('The token is for a tag');
    expect(text).not.toContain(token.slice(0, 30));
  });

  it('uses the values of --context', async () => {
    const policy = broad.replace(
      '"StringLike": {',
      '"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}, "StringLike": {',
    );
    const branch = JSON.stringify({ ...claims, sub: 'project_path:acme/shop:ref_type:branch:ref:main' });
    const explain = (...more: string[]) =>
      trustPolicy(['explain', '--policy', 'p', '--claims', 'c', ...more], { p: policy, c: branch });
    expect((await explain()).results).toContain('supply it: --context aws:SourceIp=VALUE');
    expect((await explain('--context', 'aws:SourceIp=192.0.2.7')).exitCode).toBe(0);
    expect((await explain('--context', 'aws:SourceIp=198.51.100.1')).exitCode).toBe(1);
  });

  it('requires --role for a file with several roles', async () => {
    const template = join(root, 'test/fixtures/policies/template.yml');
    const several = await trustPolicy(['explain', '--policy', template, '--claims', 'claims.json'], files);
    expect(several.exitCode).toBe(2);
    expect(several.text).toContain('The file has Deploy, Broad, AsText.');
    const one = await trustPolicy(
      ['explain', '--policy', template, '--role', 'Broad', '--claims', 'claims.json', '--format', 'json'],
      files,
    );
    expect(JSON.parse(one.results)).toMatchObject({ role: 'Broad' });
  });

  it.each<[string, Record<string, string>, readonly string[], RegExp]>([
    [
      'a policy that IAM would refuse',
      { 'role.json': broad.replace('"Allow"', '"allow"') },
      [],
      /IAM would reject this policy\.\n {2}role\.json:5:17: "Effect" must be "Allow" or "Deny"/,
    ],
    ['claims that are no JSON', { 'claims.json': '{' }, [], /"--claims" must be the claims of a token/],
    ['claims that are a list', { 'claims.json': '[]' }, [], /"--claims" must be the claims of a token/],
    ['a role that is none', {}, ['--role-arn', 'x'], /"--role-arn" must be arn:PARTITION/],
    ['a context without a value', {}, ['--context', 'x'], /"--context" must be KEY=VALUE/],
    [
      'a policy longer than any',
      { 'role.json': broad.replace('main*', 'a'.repeat(30_000)) },
      [],
      /"--policy" must have at most 20480 characters/,
    ],
    [
      'a policy of a megabyte of brackets',
      { 'role.json': '['.repeat(1_000_000) },
      [],
      /nested deeper than 200 levels/,
    ],
  ])('rejects %s with 2', async (_, over, flags, message) => {
    const { exitCode, text, results } = await trustPolicy(
      ['explain', '--policy', 'role.json', '--claims', 'claims.json', ...flags],
      { ...files, ...over },
    );
    expect(text).toMatch(message);
    expect({ exitCode, results }).toEqual({ exitCode: 2, results: '' });
  });

  it('needs a policy or an error', async () => {
    const { exitCode, text } = await trustPolicy(['explain', '--claims', 'claims.json'], files);
    expect(exitCode).toBe(2);
    expect(text).toContain('"--policy" must name a file');
    expect(text).toContain('It is optional if --error is set.');
  });

  it.each(['text', 'json'])('explains an error without the policy, as %s', async (format) => {
    const flags = ['--claims', 'claims.json', '--format', format];
    const error = 'api error InvalidIdentityToken: Incorrect token audience';
    const { exitCode, results } = await trustPolicy(['explain', ...flags, '--error', error], files);
    expect(exitCode).toBe(1);
    expect(results).toContain('audience');
  });

  it('reports an unknown error, and rejects text without an error of STS', async () => {
    const flags = ['explain', '--claims', 'claims.json', '--error'];
    const unknown = await trustPolicy([...flags, 'InvalidAction: Could not find operation'], files);
    expect({ exitCode: unknown.exitCode, results: unknown.results }).toEqual({
      exitCode: 1,
      results: expect.stringContaining('an error that aws-oidc does not recognize'),
    });
    const none = await trustPolicy([...flags, 'Job succeeded'], files);
    expect({ exitCode: none.exitCode, text: none.text }).toEqual({
      exitCode: 2,
      text: expect.stringContaining('"--error" must contain an error of STS'),
    });
  });
});

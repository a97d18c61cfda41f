import { writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../sandbox/certificate.ts';
import { run } from '../../../src/command-line/run.ts';
import { fakeIo } from '../../support/fake-io.ts';
import {
  account,
  allowing,
  attached,
  managedPolicy,
  providerArn,
  roleDetail,
  trustPolicy,
} from '../../support/iam-account.ts';

const main = 'project_path:acme/shop:ref_type:branch:ref:main';
const exact = trustPolicy({
  StringEquals: {
    'gitlab.com:aud': 'https://gitlab.com',
    'gitlab.com:sub': main,
    'gitlab.com:project_id': '20',
  },
});
const open = trustPolicy({ StringEquals: { 'gitlab.com:aud': 'https://gitlab.com' } });
const group = trustPolicy({
  StringEquals: { 'gitlab.com:aud': 'https://gitlab.com', 'gitlab.com:project_id': '20' },
  StringLike: { 'gitlab.com:sub': 'project_path:acme/shop:*' },
});

const page = (roles: readonly unknown[], policies: readonly unknown[] = []) => {
  return { UserDetailList: [], GroupDetailList: [], RoleDetailList: roles, Policies: policies };
};

/** Runs the command on files; their names in the arguments and in the output are relative. */
async function audit(args: readonly string[], files: Readonly<Record<string, unknown>>) {
  const io = fakeIo({});
  const write = (name: string, value: unknown) =>
    writeFileSync(
      join(io.directory, name),
      typeof value === 'string' ? value : JSON.stringify(value, null, 2),
    );
  for (const [name, value] of Object.entries(files)) write(name, value);
  const again = async (more: readonly string[]) => {
    const before = { results: io.results().length, text: io.text().length };
    const argv = more.map((arg) => (/^[\w.-]+\.json$/.test(arg) ? join(io.directory, arg) : arg));
    const exitCode = await run(['audit', ...argv], io);
    const clean = (text: string) => text.replaceAll(`${io.directory}/`, '');
    return {
      exitCode,
      results: clean(io.results().slice(before.results)),
      text: clean(io.text().slice(before.text)),
    };
  };
  return { io, write, again, ...(await again(args)) };
}

async function rolesIn(
  files: Readonly<Record<string, unknown>>,
  args: readonly string[] = Object.keys(files),
) {
  const { results } = await audit([...args, '--format', 'json'], files);
  return JSON.parse(results).roles;
}

describe('audit', () => {
  it('says who can assume a role, what it may do, when it was used, and how to correct it', async () => {
    const used = { RoleLastUsed: { LastUsedDate: '2025-11-01T10:00:00+00:00', Region: 'eu-west-1' } };
    const roles = [
      roleDetail('exact', exact, { AttachedManagedPolicies: [attached('ReadOnlyAccess')] }),
      roleDetail('open', open, { ...used, AttachedManagedPolicies: [attached('AdministratorAccess')] }),
      roleDetail(
        'ec2',
        trustPolicy({}, 'x', { Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }),
      ),
    ];
    const { exitCode, results } = await audit(['roles.json'], { 'roles.json': page(roles) });
    expect(exitCode).toBe(1);
    expect(results).toBe(`Account 111111111111: 2 of 3 roles trust OpenID Connect issuers
✘ role open: blocker
  who   any project on gitlab.com, only if aud is "https://gitlab.com"
  may   everything (administrator): AdministratorAccess
  used  2025-11-01
  file  roles.json:41
  blocker: "sub" is not restricted to specific values [subject-missing]
    Every project, repository or service account of the issuer can assume the role.
    → Add "StringEquals": {"gitlab.com:sub": "project_path:GROUP/PROJECT:ref_type:branch:ref:main"}.
  Corrected policy of open; replace GROUP (the path of the group, with its parent groups), PROJECT (the last part of the path of the project), BRANCH (the branch whose jobs may assume the role), PROJECT_ID (the ID of the project, from its page or settings):
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Principal": {
            "Federated": "arn:aws:iam::111111111111:oidc-provider/gitlab.com"
          },
          "Action": "sts:AssumeRoleWithWebIdentity",
          "Condition": {
            "StringEquals": {
              "gitlab.com:aud": "https://gitlab.com",
              "gitlab.com:sub": "project_path:GROUP/PROJECT:ref_type:branch:ref:BRANCH",
              "gitlab.com:project_id": "PROJECT_ID"
            }
          }
        }
      ]
    }
✔ role exact
  who   branch main of acme/shop on gitlab.com, only if project_id is "20"
  may   only read: ReadOnlyAccess
  used  not in the last 400 days
  file  roles.json:5
2 roles trust OpenID Connect issuers: 1 blocker.
`);
  });

  it('puts the worst first: by findings, then by permissions, then by name', async () => {
    const admin = { AttachedManagedPolicies: [attached('AdministratorAccess')] };
    const unread = { AttachedManagedPolicies: [attached('secret', account)] };
    const roles = [
      ...[roleDetail('d', exact), roleDetail('c', group), roleDetail('b', open), roleDetail('a', open)],
      ...[roleDetail('e', exact, admin), roleDetail('f', open, admin), roleDetail('g', open, unread)],
    ];
    const found = await rolesIn({ 'roles.json': page(roles) });
    expect(found.map(({ name }: { name: string }) => name)).toEqual(['f', 'g', 'a', 'b', 'c', 'e', 'd']);
  });

  it('reads pages in any order, URL-encoded documents, and policies before or after the roles', async () => {
    const encoded = encodeURIComponent(JSON.stringify(exact));
    const inline = {
      PolicyName: 'inline',
      PolicyDocument: encodeURIComponent(JSON.stringify(allowing('s3:Get*'))),
    };
    const role = (name: string) =>
      roleDetail(name, encoded, {
        RolePolicyList: [inline],
        AttachedManagedPolicies: [attached('own', account)],
      });
    const own = managedPolicy('own', encodeURIComponent(JSON.stringify(allowing('lambda:*'))));
    const texts = [
      JSON.stringify({ Policies: [own], RoleDetailList: [role('a')] }),
      JSON.stringify({ RoleDetailList: [role('a')] }) + JSON.stringify({ Policies: [own] }),
      `${JSON.stringify(page([role('a')]), null, 4)}\n${JSON.stringify(page([], [own]), null, 4)}\n`,
    ];
    for (const text of texts) {
      const [found] = await rolesIn({ 'roles.json': text });
      expect(found).toMatchObject({
        name: 'a',
        permissions: { level: 'full-service', because: ['lambda:*'] },
      });
    }
    const [split] = await rolesIn({ 'one.json': page([role('a')]), 'two.json': page([], [own]) });
    expect(split.permissions.level).toBe('full-service');
  });

  it('takes the default version of a policy, and the permissions boundary', async () => {
    const roles = [
      roleDetail('a', exact, { AttachedManagedPolicies: [attached('own', account)] }),
      roleDetail('b', exact, {
        AttachedManagedPolicies: [attached('AdministratorAccess')],
        PermissionsBoundary: {
          PermissionsBoundaryType: 'Policy',
          PermissionsBoundaryArn: `arn:aws:iam::${account}:policy/own`,
        },
      }),
    ];
    const found = await rolesIn({
      'roles.json': page(roles, [managedPolicy('own', allowing('s3:PutObject'))]),
    });
    expect(found.map(({ permissions }: { permissions: unknown }) => permissions)).toEqual([
      { level: 'limited', because: ['s3:PutObject'], unread: [] },
      { level: 'limited', because: ['s3:PutObject'], unread: [], limitedBy: 'own' },
    ]);
  });

  it('groups the roles of several accounts', async () => {
    const other = '222222222222';
    const roles = [roleDetail('b', open), roleDetail('a', open, {}, other), roleDetail('c', exact)];
    const { results } = await audit(['roles.json', '--no-corrected'], { 'roles.json': page(roles) });
    expect(results).toMatch(/^Account 111111111111: 2 of 2 roles[\s\S]*\nAccount 222222222222: 1 of 1 role /);
    // the provider in the policy belongs to the first account
    expect(results).toContain('[provider-other-account]');
    expect(results).not.toContain('Corrected policy');
  });

  it('keeps a role whose trust policy cannot be read', async () => {
    const { exitCode, results } = await audit(['roles.json'], {
      'roles.json': page([roleDetail('odd', '{"Statement": [*oidc-provider')]),
    });
    expect(exitCode).toBe(1);
    expect(results).toContain('unknown: the trust policy cannot be read');
    expect(results).toContain('[policy-syntax]');
    expect(results).toContain('No corrected policy');
  });

  it.each([
    ['a truncated file', '{"RoleDetailList": [\n  {"Arn":', /^✘ roles\.json:2:\d+: the file is incomplete/],
    ['another format', 'RoleDetailList:\n', /^✘ roles\.json:1:1: invalid JSON: unexpected "R"/],
    ['an empty file', '', /^✘ roles\.json:1:1: the file is empty/],
    ['the output of another command', '{"Roles": []}', /^✘ roles\.json:1:1: there is no "RoleDetailList"/],
    [
      'items that are not roles',
      '{"RoleDetailList": [\n {"UserName": "x"}]}',
      /^✘ roles\.json:2:2: an item of "RoleDetailList" is not a role/,
    ],
  ])('says where %s is wrong', async (_, text, message) => {
    const { exitCode, text: log } = await audit(['roles.json'], { 'roles.json': text });
    expect(exitCode).toBe(2);
    expect(log).toMatch(message);
    expect(log).toContain('complete output of "aws iam get-account-authorization-details"');
  });

  it('needs all pages', async () => {
    const first = { IsTruncated: true, ...page([roleDetail('a', exact)]), Marker: 'x' };
    const last = { ...page([roleDetail('b', exact)]), IsTruncated: false };
    const { exitCode, text } = await audit(['one.json'], { 'one.json': first });
    expect(exitCode).toBe(2);
    expect(text).toContain('one.json: the last page says that there are more roles');
    expect((await audit(['one.json', 'two.json'], { 'one.json': first, 'two.json': last })).exitCode).toBe(0);
  });

  it('keeps a role whose policy hides its principal behind escapes', async () => {
    const hidden = JSON.stringify(open).replace('oidc-provider', 'oidc\\u002dprovider');
    const [found] = await rolesIn({
      'roles.json': page([roleDetail('a', hidden), roleDetail('b', encodeURIComponent(hidden))]),
    });
    expect(found).toMatchObject({ name: 'a', severity: 'blocker' });
  });

  it('needs a file that can be read', async () => {
    expect((await audit(['none.json'], {})).text).toContain('must be a readable file (ENOENT)');
  });

  it.each([
    [['roles.json', '--profile', 'dev'], '"--profile" must not be used with files'],
    [['roles.json', '--organization-role', 'audit'], '"--organization-role" must not be used with files'],
    [['--providers', 'roles.json'], '"--providers" must be used with files'],
  ])('refuses %j, of which a part would be ignored', async (args, message) => {
    const { exitCode, text } = await audit(args, { 'roles.json': page([]) });
    expect(text).toContain(message);
    expect(exitCode).toBe(2);
  });

  it('shows hostile names safely', async () => {
    const role = roleDetail('open', open, { RoleName: 'a\u001b[31m\nb' });
    const { results } = await audit(['roles.json'], { 'roles.json': page([role]) });
    expect(results).toContain('role a\\u{1b}[31m\\u{a}b');
    expect(results).not.toContain('\u001b');
  });
});

describe('a hostile account', () => {
  const evil = 'x\u001b]0;title\u0007\nsection_start:1:evil\r\u001b[31m\u202e';
  const files = {
    'roles.json': page([
      roleDetail(
        evil,
        trustPolicy({
          StringEquals: { 'gitlab.com:aud': evil },
          StringLike: { 'gitlab.com:sub': `project_path:*${evil}`, [`${evil}:sub`]: '*' },
        }),
        { RolePolicyList: [{ PolicyName: evil, PolicyDocument: allowing(evil, evil) }] },
      ),
    ]),
  };

  it.each(['text', 'json', 'sarif', 'codequality'])(
    'forges no line, color or section of the report with its names and policies, as %s',
    async (format) => {
      const { results } = await audit(['roles.json', '--format', format], files);
      expect(results).toContain('x');
      for (const character of ['\u001b', '\u0007', '\r', '\u202e']) expect(results).not.toContain(character);
      expect(results).not.toMatch(/^section_start/m);
    },
  );
});

describe('audit --fail-on and --baseline', () => {
  it('fails only for findings of the severity or higher', async () => {
    const files = { 'roles.json': page([roleDetail('a', group)]) };
    expect((await audit(['roles.json', '--fail-on', 'critical'], files)).exitCode).toBe(1);
    expect((await audit(['roles.json', '--fail-on', 'blocker'], files)).exitCode).toBe(0);
  });

  it('fails only for findings that are not known, and mentions those that are gone', async () => {
    const first = await audit(['roles.json', '--write-baseline', 'known.json'], {
      'roles.json': page([roleDetail('a', open), roleDetail('b', group)]),
    });
    expect(first.exitCode).toBe(1);
    const same = await first.again(['roles.json', '--baseline', 'known.json']);
    expect(same.exitCode).toBe(0);
    expect(same.results).toContain('0 new, 2 known from the baseline, 0 gone.');
    expect(same.results).toContain('[subject-missing] (known)');

    // another order and other lines
    first.write('roles.json', JSON.stringify(page([roleDetail('b', group), roleDetail('a', open)])));
    expect((await first.again(['roles.json', '--baseline', 'known.json'])).exitCode).toBe(0);

    first.write('roles.json', page([roleDetail('b', group), roleDetail('c', open)]));
    const changed = await first.again(['roles.json', '--baseline', 'known.json']);
    expect(changed.exitCode).toBe(1);
    expect(changed.results).toContain('1 new, 1 known from the baseline, 1 gone.');
    expect(changed.results).toContain('gone: a of account 111111111111 [subject-missing]');
    const { roles, gone } = JSON.parse(
      (await first.again(['roles.json', '--baseline', 'known.json', '--format', 'json'])).results,
    );
    expect(gone).toMatchObject([{ name: 'a', rule: 'subject-missing' }]);
    const known = roles.flatMap((one: { findings: { known: boolean }[] }) =>
      one.findings.map((finding) => finding.known),
    );
    expect(known).toEqual([false, true]);
  });

  it('writes the same baseline for the same findings in another order', async () => {
    const roles = [roleDetail('a', open), roleDetail('b', group)];
    const texts = [];
    for (const list of [roles, roles.toReversed()]) {
      const { io } = await audit(['roles.json', '--write-baseline', 'known.json'], {
        'roles.json': page(list),
      });
      texts.push(await io.readText(join(io.directory, 'known.json')));
    }
    expect(texts[0]).toBe(texts[1]);
  });

  it('does not count findings of other accounts as gone', async () => {
    const first = await audit(['roles.json', '--write-baseline', 'known.json'], {
      'roles.json': page([roleDetail('a', open)]),
      'other.json': page([roleDetail('a', exact, {}, '222222222222')]),
    });
    const other = await first.again(['other.json', '--baseline', 'known.json']);
    expect(other.results).toContain('1 new, 0 known from the baseline, 0 gone.');
  });

  it.each(['{}', 'x', '{"version": 2, "findings": []}', '{"version": 1, "findings": [{}]}'])(
    'refuses %s as a baseline',
    async (text) => {
      const files = { 'roles.json': page([roleDetail('a', exact)]), 'known.json': text };
      const { exitCode, text: log } = await audit(['roles.json', '--baseline', 'known.json'], files);
      expect(exitCode).toBe(2);
      expect(log).toContain('must be a baseline of version 1');
    },
  );
});

describe('audit --providers', () => {
  const gitlab = {
    Url: 'gitlab.com',
    ClientIDList: ['https://gitlab.com'],
    ThumbprintList: ['f'.repeat(40)],
  };
  const spare = {
    Arn: providerArn('git.example.com'),
    Url: 'https://git.example.com',
    ClientIDList: ['x'],
    ThumbprintList: [],
  };
  const roles = page([roleDetail('a', exact)]);

  async function providers(value: unknown, accounts: unknown = roles) {
    const { exitCode, results, text } = await audit(
      ['roles.json', '--providers', 'providers.json', '--format', 'json', '--fail-on', 'minor'],
      { 'roles.json': accounts, 'providers.json': value },
    );
    const found = results === '' ? [] : JSON.parse(results).providers;
    const summary = found.map((one: { name: string; roles: number; findings: { rule: string }[] }) => {
      return [one.name, one.roles, ...one.findings.map(({ rule }) => rule)];
    });
    return { exitCode, text, summary };
  }

  const both = [
    ['gitlab.com', 1, 'provider-thumbprint'],
    ['git.example.com', 0, 'provider-unused'],
  ];

  it.each<[string, unknown]>([
    ['a list', [gitlab, spare]],
    ['documents that follow each other', `${JSON.stringify(gitlab)}\n${JSON.stringify(spare)}\n`],
    [
      'by ARN',
      { [providerArn('gitlab.com')]: gitlab, [providerArn('git.example.com')]: { ...spare, Arn: undefined } },
    ],
    ['in a member', { OpenIDConnectProviderList: [gitlab, spare] }],
  ])('reads %s', async (_, value) => {
    expect(await providers(value)).toMatchObject({ exitCode: 1, summary: both });
  });

  it('reads the output of list-open-id-connect-providers, and finds a provider that does not exist', async () => {
    const list = { OpenIDConnectProviderList: [{ Arn: spare.Arn }] };
    const { summary } = await providers(list);
    expect(summary).toEqual([['git.example.com', 0, 'provider-unused']]);
    const { results } = await audit(['roles.json', '--providers', 'providers.json'], {
      'roles.json': roles,
      'providers.json': list,
    });
    expect(results).toContain('[provider-missing]');
    expect(results).toContain('! provider git.example.com: minor\n  roles  none\n');
  });

  it('needs ARNs if there are several accounts', async () => {
    const two = page([roleDetail('a', exact), roleDetail('b', exact, {}, '222222222222')]);
    const { exitCode, text } = await providers([gitlab], two);
    expect(exitCode).toBe(2);
    expect(text).toContain('must contain the ARN of every provider');
    expect((await providers([{ ...gitlab, Arn: providerArn('gitlab.com') }], two)).summary).toHaveLength(1);
  });

  it.each([
    ['{"a": ', '1:7: invalid JSON'],
    ['{}', 'must describe identity providers'],
    ['"x"', 'must describe identity providers'],
    ['a: b', '1:1: invalid JSON'],
  ])('refuses %s', async (value, message) => {
    const { exitCode, text } = await providers(value);
    expect(exitCode).toBe(2);
    expect(text).toContain(message);
  });
});

describe('audit --format', () => {
  it('writes SARIF with a place in the file', async () => {
    const { results } = await audit(['roles.json', '--format', 'sarif'], {
      'roles.json': page([roleDetail('a', open)]),
    });
    const [result] = JSON.parse(results).runs[0].results;
    expect(result).toMatchObject({ ruleId: 'subject-missing', level: 'error' });
    expect(result.locations[0].physicalLocation.region).toEqual({ startLine: 5, startColumn: 5 });
    expect(result.locations[0].logicalLocations[0].fullyQualifiedName).toBe('111111111111/a');
  });

  it('writes what is gone to SARIF', async () => {
    const first = await audit(['roles.json', '--write-baseline', 'known.json'], {
      'roles.json': page([roleDetail('a', open)]),
    });
    first.write('roles.json', page([roleDetail('a', exact)]));
    const { results } = await first.again(['roles.json', '--baseline', 'known.json', '--format', 'sarif']);
    expect(JSON.parse(results).runs[0].results).toMatchObject([
      { ruleId: 'subject-missing', baselineState: 'absent' },
    ]);
  });

  it('writes a Code Quality report', async () => {
    const { results } = await audit(['roles.json', '--format', 'codequality'], {
      'roles.json': page([roleDetail('a', open)]),
    });
    expect(JSON.parse(results)).toMatchObject([
      {
        check_name: 'subject-missing',
        severity: 'blocker',
        location: { path: expect.stringContaining('roles.json'), lines: { begin: 5 } },
      },
    ]);
  });

  it('writes JSON with the place of every role', async () => {
    const [role] = await rolesIn({ 'roles.json': page([roleDetail('a', open)]) });
    expect(role).toMatchObject({
      account,
      arn: `arn:aws:iam::${account}:role/a`,
      line: 5,
      severity: 'blocker',
      lastUsed: 'never',
    });
    expect(role.corrected.placeholders.map(({ name }: { name: string }) => name)).toContain('PROJECT_ID');
  });
});

describe('audit --check-issuers', () => {
  const roles = page([roleDetail('a', exact)]);

  async function check(name: string, env: Record<string, string> = {}) {
    const io = fakeIo(env);
    const [file, other] = [join(io.directory, 'roles.json'), join(io.directory, 'providers.json')];
    writeFileSync(file, JSON.stringify(roles));
    writeFileSync(other, JSON.stringify([{ Url: name, ClientIDList: [], ThumbprintList: [] }]));
    await run(['audit', file, '--providers', other, '--check-issuers', '--format', 'json'], io);
    const [provider] = JSON.parse(io.results()).providers;
    return provider.findings.filter(({ rule }: { rule: string }) => rule === 'provider-unreachable');
  }

  it('finds an issuer that does not answer', async () => {
    const [finding] = await check('127.0.0.1:1');
    expect(finding).toMatchObject({ severity: 'major', detail: expect.stringContaining('ECONNREFUSED') });
  });

  it('finds an issuer whose document names another one, and no fault in one that answers', async () => {
    const certificate = await makeCertificate('127.0.0.1');
    const requests: IncomingHttpHeaders[] = [];
    const server = createServer(certificate, ({ headers, url }, response) => {
      requests.push(headers);
      const issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const isOther = url?.startsWith('/other') ?? false;
      response.end(
        JSON.stringify({ issuer: isOther ? 'https://example.com' : issuer, jwks_uri: `${issuer}/keys` }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const bundle = join(fakeIo({}).directory, 'ca.pem');
    writeFileSync(bundle, certificate.cert);
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      expect(await check(host, { AWS_CA_BUNDLE: bundle })).toEqual([]);
      const [finding] = await check(`${host}/other`, { AWS_CA_BUNDLE: bundle });
      expect(finding.detail).toContain('https://example.com');
      expect(Object.keys(requests[0] ?? {}).sort()).toEqual(['accept', 'connection', 'host', 'user-agent']);
    } finally {
      server.close();
    }
  });
});

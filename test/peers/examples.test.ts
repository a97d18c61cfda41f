import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  exactTrustPolicy,
  iamOf,
  makeOrganization,
  makeRole,
  openTrustPolicy,
} from '../support/aws-setup.ts';
import { type Moto, peers, startMoto } from '../support/moto.ts';
import { nodeUnderTest, root, runProgram } from '../support/run-program.ts';
import {
  iamAt,
  instance,
  makeWorkplace,
  motoAccount,
  pipelineIn,
  type Workplace,
} from '../support/setup-workplace.ts';

let moto: Moto;
let place: Workplace;
beforeAll(async () => {
  moto = await startMoto({ MOTO_IAM_LOAD_MANAGED_POLICIES: 'true' });
}, 90_000);
afterAll(() => moto?.stop());
beforeEach(async () => {
  await moto.reset();
  return () => place?.gitlab.stop();
});

const policy = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
};

/** Runs commands of the example in a clone, with the committed program instead of npx. */
async function run(commands: string) {
  const server = commands.includes('gitlab.example.com') ? instance : 'https://gitlab.com';
  place = await makeWorkplace({
    awsUrl: moto.url,
    instance: server,
    files: { 'policy.json': JSON.stringify(policy) },
  });
  const [aws, bin] = [join(place.home, '.aws'), join(place.home, 'bin')];
  for (const folder of [aws, bin]) mkdirSync(folder);
  writeFileSync(join(aws, 'config'), '[profile dev]\nregion = eu-central-1\n');
  writeFileSync(
    join(aws, 'credentials'),
    '[dev]\naws_access_key_id = testing\naws_secret_access_key = testing\n',
  );
  writeFileSync(
    join(bin, 'npx'),
    `#!/bin/sh\nshift\nexec "${nodeUnderTest}" "${root}/dist/aws-oidc.mjs" "$@"\n`,
    { mode: 0o755 },
  );
  const PATH = [bin, peers, place.env.PATH].join(':');
  const { exitCode, stdout, stderr } = await runProgram(
    'sh',
    ['-e', '-c', commands],
    { ...place.env, PATH },
    place.clone,
  );
  return { exitCode, text: stdout + stderr };
}

/** The blocks of the script, by the first words of their comments. */
const blocks = readFileSync(join(root, 'examples/setup.sh'), 'utf8').split('\n\n').slice(1);
const block = (start: string) => blocks.find((one) => one.startsWith(`# ${start}`)) ?? 'exit 99';

const file = (name: string) => readFileSync(join(place.clone, name), 'utf8');
const trustOf = async (role: string) => JSON.stringify((await iamAt(moto.url).role(role))?.trustPolicy);
const open = { name: 'open', trustPolicy: openTrustPolicy(motoAccount) };

type Case = readonly [
  start: string,
  exitCode: number,
  check: (text: string) => Promise<void> | void,
  before?: () => Promise<unknown>,
];

/** What each block does: the checks after it, and what exists before. */
const cases: readonly Case[] = [
  [
    'Show the plan',
    0,
    async (text) => {
      expect(text).toContain('+ identity provider gitlab.com, audience https://gitlab.com');
      expect(text).toContain('Nothing was changed.');
      expect(await iamAt(moto.url).role('gitlab-acme-shop')).toBeUndefined();
    },
  ],
  [
    'The role may do nothing',
    0,
    async () => {
      const iam = iamAt(moto.url);
      expect(await iam.attachedPolicies('gitlab-acme-shop')).toEqual([
        'arn:aws:iam::aws:policy/ReadOnlyAccess',
      ]);
      expect(await iam.inlinePolicy('gitlab-acme-shop', 'gitlab-ci')).toEqual(policy);
      expect(pipelineIn(place)).toContain(`role_arn: arn:aws:iam::${motoAccount}:role/gitlab-acme-shop`);
    },
  ],
  [
    'A role for releases',
    0,
    async () => {
      expect(await trustOf('shop-release')).toContain('project_path:acme/shop:ref_type:tag:ref:v*');
      expect(await trustOf('shop-release')).toContain('"gitlab.com:ref_protected":"true"');
      expect((await iamAt(moto.url).role('shop-release'))?.maxSessionSeconds).toBe(7200);
      expect(pipelineIn(place)).toContain('$CI_COMMIT_TAG =~ /^v.*$/');
    },
  ],
  [
    'On your own instance',
    0,
    async () => {
      expect(await trustOf('gitlab-acme-shop')).toContain('"gitlab.example.com:sub"');
    },
  ],
  [
    'Write Terraform',
    0,
    () => {
      expect(file('role.tf')).toContain('resource "aws_iam_role"');
      expect(file('role.tf')).toContain('project_path:acme/shop:ref_type:branch:ref:main');
    },
  ],
  [
    'In a script',
    0,
    async () => {
      expect(JSON.parse(file('setup.json'))).toMatchObject({ applied: true, accessAsWanted: true });
      expect(await trustOf('gitlab-acme-shop')).toContain('"gitlab.com:sub"');
      expect(pipelineIn(place)).not.toContain('component');
    },
  ],
  [
    'Which roles of the account',
    1,
    (text) => expect(text).toContain('✘ role open: blocker'),
    async () => makeRole(await iamOf(moto.url), open),
  ],
  [
    'The same for every account',
    0,
    (text) => expect(text.match(/^Account \d{12}: 0 of \d roles? /gm)).toHaveLength(3),
    () => makeOrganization(moto.url, 2),
  ],
  [
    'Offline',
    1,
    () => expect(JSON.parse(file('audit.sarif')).runs[0].results[0].ruleId).toBe('subject-any-project'),
    async () => makeRole(await iamOf(moto.url), open),
  ],
  [
    'Accept what is known',
    0,
    (text) => {
      expect(text).toContain('See above.');
      expect(text).toMatch(/0 new, \d known from the baseline, 0 gone\./);
      expect(existsSync(join(place.clone, 'known-roles.json'))).toBe(true);
    },
    async () => {
      const iam = await iamOf(moto.url);
      await makeRole(iam, open);
      await makeRole(iam, { name: 'exact', trustPolicy: exactTrustPolicy(motoAccount) });
    },
  ],
];

describe('examples/setup.sh', () => {
  it('has no other blocks than these', () => {
    const starts = cases.map(([start]) => block(start).split('\n')[0]);
    expect(blocks.map((one) => one.split('\n')[0])).toEqual(starts);
  });

  it.each(cases.map((one) => [one[0], one] as const))('%s', async (_, [start, exitCode, check, before]) => {
    await before?.();
    const result = await run(block(start));
    await check(result.text);
    expect(result.exitCode).toBe(exitCode);
  });
});

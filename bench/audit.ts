import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle, programs } from '../scripts/bundle/bundle.ts';

/**
 * Measures the time and the peak memory of `aws-oidc audit` with the roles of one account, for several shares of roles
 * that trust an issuer.
 *
 * node bench/audit.ts [ROLES]
 */
const count = Number(process.argv[2] ?? 50_000);
if (!Number.isInteger(count) || count < 1) {
  console.error('node bench/audit.ts [ROLES]: how many roles the account has, 50000 if left out');
  process.exit(2);
}

const directory = mkdtempSync(join(tmpdir(), 'aws-oidc-audit-'));
const program = join(directory, 'aws-oidc.mjs');
writeFileSync(program, (await bundle(programs.commandLine, 'bench')).code);
for (const share of [0.1, 1]) {
  const file = join(directory, 'roles.json');
  await writeRoles(file, count, share);
  const size = `${Math.round(statSync(file).size / 1e6)} MB`;
  for (const format of ['text', 'json', 'sarif', 'codequality']) {
    const { seconds, peakMb, outputMb } = await audit(file, format);
    console.log(
      `${count} roles, ${share * 100} % trust an issuer, ${size}, ${format}: ${seconds.toFixed(1)} s, peak ${peakMb} MB, output ${outputMb} MB`,
    );
  }
}
rmSync(directory, { recursive: true });

/** Runs the program once, with its output in a file. */
async function audit(file: string, format: string) {
  const output = join(directory, 'output');
  const script = `process.argv.splice(1, 1); process.on('exit', () => require('node:fs').writeSync(2, String(process.resourceUsage().maxRSS)));`;
  const hook = join(directory, 'hook.cjs');
  writeFileSync(hook, script.replace('process.argv.splice(1, 1); ', ''));
  const started = performance.now();
  const args = ['--require', hook, program, 'audit', file, '--format', format];
  const child = spawn(process.execPath, args, { stdio: ['ignore', openSync(output, 'w'), 'pipe'] });
  let peakKib = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    peakKib += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 1) throw new Error(`audit exited with ${code}: ${peakKib}`);
  return {
    seconds: (performance.now() - started) / 1000,
    peakMb: Math.round(Number(peakKib) / 1024),
    outputMb: Math.round(statSync(output).size / 1e6),
  };
}

/** Writes a file as the AWS CLI does: indented, with documents as objects. */
async function writeRoles(file: string, roles: number, share: number): Promise<void> {
  const stream = createWriteStream(file);
  const write = async (text: string) => {
    if (!stream.write(text)) await once(stream, 'drain');
  };
  const indented = (value: unknown) => JSON.stringify(value, null, 4).replace(/^/gm, '        ');
  await write('{\n    "UserDetailList": [],\n    "GroupDetailList": [],\n    "RoleDetailList": [\n');
  for (let index = 0; index < roles; index++)
    await write(`${index === 0 ? '' : ',\n'}${indented(role(index, index % 100 < share * 100))}`);
  await write('\n    ],\n    "Policies": [\n');
  for (let index = 0; index < 1000; index++)
    await write(`${index === 0 ? '' : ',\n'}${indented(policy(index))}`);
  stream.end('\n    ]\n}\n');
  await once(stream, 'close');
}

function role(index: number, isTrusting: boolean) {
  const host = ['gitlab.com', 'token.actions.githubusercontent.com', 'gitlab.example.com'][index % 3];
  const subjects = [
    `project_path:group-${index}/*`,
    `repo:owner/repository-${index}:*`,
    `project_path:acme/p-${index}:ref_type:branch:ref:main`,
  ];
  const federated = {
    Effect: 'Allow',
    Principal: { Federated: `arn:aws:iam::111111111111:oidc-provider/${host}` },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: {
      StringEquals: { [`${host}:aud`]: 'sts.amazonaws.com' },
      StringLike: { [`${host}:sub`]: subjects[index % 3] },
    },
  };
  const service = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
  return {
    Path: '/service-role/',
    RoleName: `role-${index}`,
    RoleId: `AROA${String(index).padStart(17, '0')}`,
    Arn: `arn:aws:iam::111111111111:role/service-role/role-${index}`,
    CreateDate: '2024-01-01T00:00:00+00:00',
    AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [isTrusting ? federated : service] },
    InstanceProfileList: [],
    RolePolicyList: [{ PolicyName: 'inline', PolicyDocument: document(index, 4) }],
    AttachedManagedPolicies: [
      {
        PolicyName: `policy-${index % 1000}`,
        PolicyArn: `arn:aws:iam::111111111111:policy/policy-${index % 1000}`,
      },
      { PolicyName: 'ReadOnlyAccess', PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
    ],
    Tags: [{ Key: 'team', Value: `team-${index % 50}` }],
    RoleLastUsed: { LastUsedDate: '2025-11-01T10:00:00+00:00', Region: 'eu-central-1' },
  };
}

function policy(index: number) {
  return {
    PolicyName: `policy-${index}`,
    PolicyId: `ANPA${String(index).padStart(17, '0')}`,
    Arn: `arn:aws:iam::111111111111:policy/policy-${index}`,
    Path: '/',
    DefaultVersionId: 'v5',
    AttachmentCount: 50,
    PolicyVersionList: [5, 4, 3, 2, 1].map((version) => ({
      Document: document(index + version, 20),
      VersionId: `v${version}`,
      IsDefaultVersion: version === 5,
      CreateDate: '2024-01-01T00:00:00+00:00',
    })),
  };
}

function document(index: number, statements: number) {
  const statement = (at: number) => ({
    Sid: `Statement${at}`,
    Effect: 'Allow',
    Action: ['s3:GetObject', 's3:PutObject', 'dynamodb:Query', `logs:Create${at}`],
    Resource: [
      `arn:aws:s3:::bucket-${index}-${at}/*`,
      `arn:aws:dynamodb:eu-central-1:111111111111:table/t-${index}`,
    ],
  });
  return { Version: '2012-10-17', Statement: Array.from({ length: statements }, (_, at) => statement(at)) };
}

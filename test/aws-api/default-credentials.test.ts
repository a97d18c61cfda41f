import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { callerOf } from '../../src/aws-api/caller.ts';
import { connect } from '../../src/aws-api/default-credentials.ts';

/** The SDK reads the variables of the process itself. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aws-'));
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
  vi.stubEnv('HOME', folder);
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'));
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
});
afterEach(() => vi.unstubAllEnvs());

function config(text: string): void {
  writeFileSync(join(folder, 'config'), text);
}

describe('the region', () => {
  it.each([
    ['the flag', { region: 'eu-west-1' }, { AWS_REGION: 'eu-west-2' }, 'eu-west-1'],
    ['AWS_REGION', {}, { AWS_REGION: 'eu-west-2', AWS_DEFAULT_REGION: 'eu-west-3' }, 'eu-west-2'],
    ['AWS_DEFAULT_REGION', {}, { AWS_DEFAULT_REGION: 'eu-west-3' }, 'eu-west-3'],
    ['the profile in the flag', { profile: 'dev' }, {}, 'eu-central-1'],
    ['the profile in AWS_PROFILE', {}, { AWS_PROFILE: 'dev' }, 'eu-central-1'],
    ['the default profile', {}, {}, 'us-west-2'],
  ])('comes from %s', async (_, settings, env, region) => {
    config('[default]\nregion = us-west-2\n[profile dev]\nregion = eu-central-1\n');
    expect((await connect(settings, env)).region).toBe(region);
  });

  it('is us-east-1 if nothing sets it', async () => {
    expect((await connect({}, {})).region).toBe('us-east-1');
  });

  it('must be set for a service of a region', async () => {
    await expect(connect({ isRegional: true }, {})).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      problems: [{ name: '--region', rule: 'must be set' }],
    });
  });
});

describe('credentials', () => {
  it('that are missing are reported with what to set', async () => {
    await expect(callerOf(await connect({}, {}))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: 'No AWS credentials were found.',
      hint: expect.stringContaining('aws sso login'),
    });
  });

  it('of a profile that does not exist are reported', async () => {
    await expect(callerOf(await connect({ profile: 'nowhere' }, {}))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });

  it('of an SSO session that ended are reported with the command that renews it', async () => {
    config(
      '[profile work]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 111111111111\nsso_role_name = Admin\n',
    );
    await expect(callerOf(await connect({ profile: 'work' }, {}))).rejects.toMatchObject({
      code: 'REFUSED',
      message: 'The SSO session of the AWS profile has expired.',
      hint: expect.stringContaining('aws sso login'),
    });
  });

  it('of a process that fails do not repeat its output', async () => {
    config('[profile broken]\ncredential_process = sh -c "echo hidden-key; exit 3"\n');
    const error = await callerOf(await connect({ profile: 'broken' }, {})).catch((cause: unknown) => cause);
    expect(error).toMatchObject({
      code: 'INVALID_INPUT',
      hint: expect.stringContaining('get-caller-identity'),
    });
    expect(JSON.stringify(error)).not.toContain('hidden');
  });

  it('that need an MFA code are asked for it', async () => {
    config(
      '[profile base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n[profile mfa]\nsource_profile = base\nrole_arn = arn:aws:iam::111111111111:role/admin\nmfa_serial = arn:aws:iam::111111111111:mfa/someone\n',
    );
    const asked: string[] = [];
    const mfaCode = async (serial: string) => {
      asked.push(serial);
      throw new Error('nobody answers');
    };
    await callerOf(await connect({ profile: 'mfa', mfaCode }, {})).catch(() => undefined);
    expect(asked).toEqual(['arn:aws:iam::111111111111:mfa/someone']);
  });
});

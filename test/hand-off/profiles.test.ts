import { describe, expect, it } from 'vitest';
import { formatProfiles } from '../../src/hand-off/profiles.ts';
import type { Session } from '../../src/hand-off/session.ts';

const sessionIn = (region: string): Session => ({
  accessKeyId: `ASIA-${region}`,
  secretAccessKey: `secret-${region}`,
  sessionToken: `token-${region}`,
  expiration: new Date('2030-01-01T00:00:00Z'),
  region,
  account: '111111111111',
  assumedRoleArn: 'arn:aws:sts::111111111111:assumed-role/deploy/session',
});
const files = { credentials: "/tmp/it's here/credentials", config: '/tmp/config' };

describe('formatProfiles', () => {
  it('writes one profile per session, and points a shell to the first one', () => {
    const sessions = [
      ['staging', sessionIn('eu-central-1')],
      ['default', sessionIn('us-east-1')],
    ] as const;
    expect(formatProfiles(sessions, files)).toEqual({
      credentials: `[staging]
aws_access_key_id = ASIA-eu-central-1
aws_secret_access_key = secret-eu-central-1
aws_session_token = token-eu-central-1

[default]
aws_access_key_id = ASIA-us-east-1
aws_secret_access_key = secret-us-east-1
aws_session_token = token-us-east-1
`,
      config: '[profile staging]\nregion = eu-central-1\n\n[default]\nregion = us-east-1\n',
      environment: `export AWS_SHARED_CREDENTIALS_FILE='/tmp/it'\\''s here/credentials'
export AWS_CONFIG_FILE=/tmp/config
export AWS_PROFILE=staging
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
`,
    });
  });

  it('refuses a value that would be a second line', () => {
    const broken = { ...sessionIn('eu-central-1'), sessionToken: 'a\nb' };
    expect(() => formatProfiles([['ci', broken]], files)).toThrow(
      expect.objectContaining({
        code: 'HAND_OFF_FAILED',
        message: 'The value of "aws_session_token" must be one line of printable characters',
      }),
    );
  });

  it('names no profile where there is no session', () => {
    expect(formatProfiles([], files)).toMatchObject({
      credentials: '',
      environment: expect.stringContaining("export AWS_PROFILE=''\n"),
    });
  });
});

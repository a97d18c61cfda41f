import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type TextFormat, textFormats } from '../../src/hand-off/formats.ts';
import type { Session } from '../../src/hand-off/session.ts';

const session: Session = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'IQoJb3JpZ2luX2Vj/+==',
  expiration: new Date('2030-01-31T23:59:00Z'),
  region: 'eu-central-1',
  account: '111111111111',
  assumedRoleArn: 'arn:aws:sts::111111111111:assumed-role/deploy/x',
};

describe('aws configure export-credentials, of the AWS CLI v2', () => {
  // Debian's version has no "fish" yet
  it.each<TextFormat>(['process', 'env', 'env-no-export', 'powershell', 'windows-cmd'])(
    'prints %s as we do, byte for byte',
    (format) => {
      const printed = execFileSync(
        process.env.AWS_CLI_V2 ?? 'aws',
        ['configure', 'export-credentials', '--format', format],
        {
          encoding: 'utf8',
          env: {
            PATH: process.env.PATH ?? '',
            HOME: '/nonexistent',
            AWS_ACCESS_KEY_ID: session.accessKeyId,
            AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
            AWS_SESSION_TOKEN: session.sessionToken,
            AWS_CREDENTIAL_EXPIRATION: session.expiration.toISOString(),
          },
        },
      );
      expect(textFormats[format](session, '')).toBe(printed);
    },
  );
});

import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TextFormat, textFormats } from '../../src/hand-off/formats.ts';
import type { Session } from '../../src/hand-off/session.ts';

const session: Session = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'a+/=b',
  sessionToken: 'IQoJ+/==',
  expiration: new Date('2030-01-01T00:00:00.123Z'),
  region: 'eu-central-1',
  account: '111111111111',
  assumedRoleArn: 'arn:aws:sts::111111111111:assumed-role/deploy/x',
};

describe('the formats of the AWS CLI', () => {
  it.each<[TextFormat, string]>([
    [
      'env',
      'export AWS_ACCESS_KEY_ID=ASIAEXAMPLE\nexport AWS_SECRET_ACCESS_KEY=a+/=b\nexport AWS_SESSION_TOKEN=IQoJ+/==\nexport AWS_CREDENTIAL_EXPIRATION=2030-01-01T00:00:00+00:00\n',
    ],
    [
      'env-no-export',
      'AWS_ACCESS_KEY_ID=ASIAEXAMPLE\nAWS_SECRET_ACCESS_KEY=a+/=b\nAWS_SESSION_TOKEN=IQoJ+/==\nAWS_CREDENTIAL_EXPIRATION=2030-01-01T00:00:00+00:00\n',
    ],
    [
      'powershell',
      '$Env:AWS_ACCESS_KEY_ID="ASIAEXAMPLE"\n$Env:AWS_SECRET_ACCESS_KEY="a+/=b"\n$Env:AWS_SESSION_TOKEN="IQoJ+/=="\n$Env:AWS_CREDENTIAL_EXPIRATION="2030-01-01T00:00:00+00:00"\n',
    ],
    [
      'windows-cmd',
      'set AWS_ACCESS_KEY_ID=ASIAEXAMPLE\nset AWS_SECRET_ACCESS_KEY=a+/=b\nset AWS_SESSION_TOKEN=IQoJ+/==\nset AWS_CREDENTIAL_EXPIRATION=2030-01-01T00:00:00+00:00\n',
    ],
    [
      'fish',
      'set -gx AWS_ACCESS_KEY_ID ASIAEXAMPLE\nset -gx AWS_SECRET_ACCESS_KEY a+/=b\nset -gx AWS_SESSION_TOKEN IQoJ+/==\nset -gx AWS_CREDENTIAL_EXPIRATION 2030-01-01T00:00:00+00:00\n',
    ],
    [
      'process',
      '{\n  "Version": 1,\n  "AccessKeyId": "ASIAEXAMPLE",\n  "SecretAccessKey": "a+/=b",\n  "SessionToken": "IQoJ+/==",\n  "Expiration": "2030-01-01T00:00:00+00:00"\n}\n',
    ],
  ])('%s is the same, character by character', (format, text) => {
    expect(textFormats[format](session, '')).toBe(text);
  });
});

describe('bash-env', () => {
  it('has every variable of a dotenv report', () => {
    const dotenv = textFormats.dotenv(session, 'X_').trimEnd().split('\n');
    expect(textFormats['bash-env'](session, 'X_')).toBe(dotenv.map((line) => `export ${line}\n`).join(''));
  });
});

/** Every printable character, in texts that shells like to misread. */
const printable = fc.stringMatching(/^[\x20-\x7e]{1,40}$/);
const all = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => index + 32));

describe.each([
  ['sh', 'env', ['-c']],
  ['bash', 'env', ['-c']],
  ['bash', 'bash-env', ['-c']],
  ['sh', 'env-no-export', ['-c']],
  ['fish', 'fish', ['--no-config', '-c']],
] as const)('%s reads %s', (shell, format, args) => {
  function readBack(values: readonly string[]): readonly string[] {
    const text = values.map((secretAccessKey) => {
      const lines = textFormats[format]({ ...session, secretAccessKey }, '');
      return `${lines}printf '%s\\0' "$AWS_SECRET_ACCESS_KEY"\n`;
    });
    const { stdout, stderr } = spawnSync(shell, [...args, text.join('')], { encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout.split('\0').slice(0, -1);
  }

  it('unchanged, with every printable character', () => {
    expect(readBack([all])).toEqual([all]);
    fc.assert(
      fc.property(fc.array(printable, { minLength: 1, maxLength: 50 }), (values) => {
        expect(readBack(values)).toEqual(values);
      }),
      { numRuns: 20 },
    );
  });
});

describe('a value that a format cannot represent', () => {
  it.each(Object.keys(textFormats).filter((name) => name !== 'process') as TextFormat[])(
    'is refused by %s',
    (format) => {
      expect(() =>
        textFormats[format]({ ...session, secretAccessKey: 'x\nexport LD_PRELOAD=y' }, ''),
      ).toThrow(
        expect.objectContaining({
          code: 'HAND_OFF_FAILED',
          message: expect.stringMatching(
            /^The value of "AWS_SECRET_ACCESS_KEY" must be one line of printable characters( without spaces)?$/,
          ),
        }),
      );
    },
  );

  it('is escaped by powershell, and refused by windows-cmd', () => {
    const secret = { ...session, secretAccessKey: 'a$b`c"d' };
    expect(textFormats.powershell(secret, '')).toContain('$Env:AWS_SECRET_ACCESS_KEY="a`$b``c`"d"\n');
    expect(() => textFormats['windows-cmd'](secret, '')).toThrow(
      expect.objectContaining({
        code: 'HAND_OFF_FAILED',
        message: 'A value must not contain any of "%!&|<>^ in the format windows-cmd',
        hint: 'Use another format, for example powershell.',
      }),
    );
  });

  it('is plain JSON for process', () => {
    const text = textFormats.process({ ...session, secretAccessKey: 'x\n"y' });
    expect(JSON.parse(text).SecretAccessKey).toBe('x\n"y');
  });
});

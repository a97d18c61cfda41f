import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editProfile, profileSection, profileSettings } from '../../src/hand-off/profile.ts';
import type { Session } from '../../src/hand-off/session.ts';

const settings = { aws_access_key_id: 'NEW', aws_secret_access_key: 'S/+=' };

describe('editProfile', () => {
  it.each([
    ['an empty file', '', '[ci]\naws_access_key_id = NEW\naws_secret_access_key = S/+=\n'],
    [
      'a file of other profiles',
      '# mine\n[default]\nregion = x\n',
      '# mine\n[default]\nregion = x\n\n[ci]\naws_access_key_id = NEW\naws_secret_access_key = S/+=\n',
    ],
    [
      'a file without a last line break',
      '[default]\nregion = x',
      '[default]\nregion = x\n\n[ci]\naws_access_key_id = NEW\naws_secret_access_key = S/+=\n',
    ],
    [
      'the profile, with comments and odd spacing',
      '; top\n[ci]   # why\naws_access_key_id=OLD\n# keep\n  aws_secret_access_key  = nested\naws_secret_access_key   =   old \nregion = x\n\n[other]\naws_access_key_id = THEIRS\n',
      '; top\n[ci]   # why\naws_access_key_id=NEW\n# keep\n  aws_secret_access_key  = nested\naws_secret_access_key   =   S/+=\nregion = x\n\n[other]\naws_access_key_id = THEIRS\n',
    ],
    [
      'the profile, with keys in capitals',
      '[ci]\nAWS_Access_Key_ID = OLD\naws_secret_access_key = old\n',
      '[ci]\nAWS_Access_Key_ID = NEW\naws_secret_access_key = S/+=\n',
    ],
    [
      'the profile, with keys missing',
      '[ci]\nregion = x\n',
      '[ci]\naws_access_key_id = NEW\naws_secret_access_key = S/+=\nregion = x\n',
    ],
    [
      'the profile, and nothing after its header',
      '[ci]',
      '[ci]\naws_access_key_id = NEW\naws_secret_access_key = S/+=',
    ],
    [
      'lines with a carriage return, which new lines get as well',
      '[ci]\r\naws_access_key_id = OLD\r\n\r\n[b]\r\n',
      '[ci]\r\naws_secret_access_key = S/+=\r\naws_access_key_id = NEW\r\n\r\n[b]\r\n',
    ],
    [
      'the profile twice',
      '[ci]\naws_access_key_id = OLD\n[x]\n[ ci ]\naws_access_key_id = OLDER\naws_secret_access_key = old\n',
      '[ci]\naws_access_key_id = NEW\n[x]\n[ ci ]\naws_access_key_id = NEW\naws_secret_access_key = S/+=\n',
    ],
    [
      'the profile, whose last line has no line break',
      '[ci]\naws_access_key_id = OLD\naws_secret_access_key = old',
      '[ci]\naws_access_key_id = NEW\naws_secret_access_key = S/+=',
    ],
    [
      'the profile, but not a line with a carriage return in it',
      '[ci]\naws_access_key_id = a\rb\naws_secret_access_key = old\n',
      '[ci]\naws_access_key_id = NEW\naws_access_key_id = a\rb\naws_secret_access_key = S/+=\n',
    ],
    [
      'lines that end in both ways, of which the first one counts',
      '[b]\n[ci]\r\naws_access_key_id = OLD\r\n',
      '[b]\n[ci]\r\naws_secret_access_key = S/+=\naws_access_key_id = NEW\r\n',
    ],
    [
      'a profile whose header is indented',
      ' \t[ci]\naws_access_key_id = OLD\naws_secret_access_key = old\n',
      ' \t[ci]\naws_access_key_id = NEW\naws_secret_access_key = S/+=\n',
    ],
    [
      'no profile whose header is a comment or a value',
      '# [ci]\naws_access_key_id = MINE\nx = [ci]\n',
      '# [ci]\naws_access_key_id = MINE\nx = [ci]\n\n[ci]\naws_access_key_id = NEW\naws_secret_access_key = S/+=\n',
    ],
  ])('sets keys in %s', (_, before, after) => {
    expect(editProfile(before, 'ci', settings)).toBe(after);
  });

  it.each(['[profile ci]', '[ profile \t ci ]', '[profile\tci]'])('finds "profile ci" in %j', (header) => {
    expect(editProfile(`${header}\nregion = x\n`, 'profile ci', { region: 'y' })).toBe(
      `${header}\nregion = y\n`,
    );
  });

  const line = fc.oneof(
    fc.constantFrom(
      '[ci]',
      '[ other ]',
      '[profile ci]',
      '# ci',
      '',
      'aws_access_key_id = x',
      '  nested = y',
      'region=z',
      '\t; \u00ff',
    ),
    fc.stringMatching(/^[\x20-\x7e]{0,20}$/),
  );
  const file = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n'))).map((lines) => lines.flat().join(''));

  it('changes only the lines that set its keys, in any file', () => {
    fc.assert(
      fc.property(file, (before) => {
        const after = editProfile(before, 'ci', settings);
        const kept = (text: string) =>
          text.split(/(?<=\n)/).filter((one) => !/^aws_(access_key_id|secret_access_key)[ \t]*=/i.test(one));
        const keptAfter = kept(after);
        for (const one of kept(before).filter((line) => line !== '')) expect(keptAfter).toContain(one);
      }),
    );
  });

  it('changes nothing when applied twice', () => {
    fc.assert(
      fc.property(file, (before) => {
        const once = editProfile(before, 'ci', settings);
        expect(editProfile(once, 'ci', settings)).toBe(once);
      }),
    );
  });
});

describe('profileSettings', () => {
  const session: Session = {
    accessKeyId: 'ASIAEXAMPLE',
    secretAccessKey: '!~',
    sessionToken: 'IQoJ+/==',
    expiration: new Date('2030-01-01T00:00:00Z'),
    region: 'eu-central-1',
    account: '111111111111',
    assumedRoleArn: 'arn:aws:sts::111111111111:assumed-role/deploy/x',
  };
  const keys = {
    aws_access_key_id: 'ASIAEXAMPLE',
    aws_secret_access_key: '!~',
    aws_session_token: 'IQoJ+/==',
  };

  it('are the keys, and in the config file also the region', () => {
    expect(profileSettings(session, false)).toEqual(keys);
    expect(profileSettings(session, true)).toEqual({ ...keys, region: 'eu-central-1' });
  });

  it.each(['', ' x', 'x ', 'x\ny = z', '\x7fx', 'é'])('refuse the value %j', (sessionToken) => {
    expect(() => profileSettings({ ...session, sessionToken }, false)).toThrow(
      expect.objectContaining({
        code: 'HAND_OFF_FAILED',
        message: 'The value of "aws_session_token" must be one line of printable characters',
      }),
    );
  });
});

describe('profileSection', () => {
  it.each([
    ['ci', false, 'ci'],
    ['ci', true, 'profile ci'],
    ['default', true, 'default'],
  ])('names %s (config: %s) "%s"', (name, inConfig, section) => {
    expect(profileSection(name, inConfig)).toBe(section);
  });
});

describe('the old name of a session token', () => {
  it('does not keep an old token that boto would read first', () => {
    const before = '[x]\naws_security_token = old\naws_access_key_id = old\n';
    const settings = { aws_access_key_id: 'ASIANEW', aws_session_token: 'new' };
    const after = editProfile(before, 'x', settings);
    expect(after).not.toContain('old');
    expect(after).toContain('aws_security_token = new\n');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editProfile, profileSection } from '../../src/hand-off/profile.ts';

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
  ])('sets keys in %s', (_, before, after) => {
    expect(editProfile(before, 'ci', settings)).toBe(after);
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

  it('changes no line but those that set its keys, in any file', () => {
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

  it('has nothing left to do the second time', () => {
    fc.assert(
      fc.property(file, (before) => {
        const once = editProfile(before, 'ci', settings);
        expect(editProfile(once, 'ci', settings)).toBe(once);
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

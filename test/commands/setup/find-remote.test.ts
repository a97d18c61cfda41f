import { describe, expect, it } from 'vitest';
import { findRemote } from '../../../src/commands/setup/find-remote.ts';
import { fakeIo } from '../../support/fake-io.ts';

function io(remotes: Readonly<Record<string, string>> | undefined) {
  return { ...fakeIo({}), remotesOf: async () => remotes && new Map(Object.entries(remotes)) };
}

const shop = { instance: 'https://gitlab.com', path: 'acme/shop' };

describe('findRemote', () => {
  it.each([
    ['the only remote', { origin: 'git@gitlab.com:acme/shop.git' }, {}],
    ['one with another name', { gitlab: 'https://gitlab.com/acme/shop.git' }, {}],
    ['the one on GitLab', { origin: 'git@github.com:acme/shop.git', lab: 'git@gitlab.com:acme/shop' }, {}],
    ['two of the same project', { a: 'git@gitlab.com:acme/shop', b: 'https://gitlab.com/acme/shop.git' }, {}],
    [
      'the one in the flag',
      { origin: 'git@gitlab.com:me/shop', up: 'git@gitlab.com:acme/shop' },
      { remote: 'up' },
    ],
    ['the flags', {}, { issuer: 'https://gitlab.com', project: 'acme/shop' }],
    ['the instance of the remote', { origin: 'git@gitlab.com:me/fork' }, { project: 'acme/shop' }],
  ])('takes %s', async (_, remotes, flags) => {
    expect(await findRemote(io(remotes), flags)).toMatchObject(shop);
  });

  it.each([
    [undefined, {}, '--project', /in a clone of the project/],
    [{}, {}, '--project', /has no remote/],
    [{ origin: 'git@github.com:acme/shop.git' }, {}, '--project', /origin: GitHub/],
    [{ origin: '/srv/git/shop.git' }, {}, '--project', /origin: not the URL of a project on a server/],
    [
      { origin: 'git@gitlab.com:me/shop', upstream: 'git@gitlab.com:acme/shop' },
      {},
      '--remote',
      /origin \(https:\/\/gitlab\.com\/me\/shop\), upstream/,
    ],
    [{ origin: 'git@gitlab.com:me/shop' }, { remote: 'other' }, '--remote', /This repository has: origin/],
    [{ origin: 'git@github.com:a/b' }, { remote: 'origin' }, '--project', /origin: GitHub/],
  ])('says what is wrong with %j', async (remotes, flags, name, hint) => {
    await expect(findRemote(io(remotes), flags)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      problems: [{ name, hint: expect.stringMatching(hint) }],
    });
  });

  it.each([
    [{ origin: 'git@gitlab.com:acme/shop' }, {}, true],
    [{ origin: 'git@gitlab.com:me/fork' }, { project: 'acme/shop' }, false],
    [undefined, { issuer: 'https://gitlab.com', project: 'acme/shop' }, false],
    [{ origin: 'git@gitlab.com:acme/shop' }, { issuer: 'https://gitlab.com', project: 'acme/shop' }, true],
  ])('knows whether the project of %j with %j is here', async (remotes, flags, isHere) => {
    expect(await findRemote(io(remotes), flags)).toMatchObject({ isHere });
  });

  it.each(['foo', '', 'http://gitlab.com', 'https://gitlab.com/'])(
    'refuses the issuer "%s"',
    async (issuer) => {
      await expect(findRemote(io({}), { issuer, project: 'acme/shop' })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        problems: [{ name: '--issuer' }],
      });
    },
  );

  it('never shows a password in a remote', async () => {
    const error: unknown = await findRemote(io({ origin: 'ftp://me:hidden@example.com/shop.git' }), {}).catch(
      (cause: unknown) => cause,
    );
    expect(error).toMatchObject({ code: 'INVALID_INPUT' });
    expect(JSON.stringify(error)).not.toContain('hidden');
  });
});

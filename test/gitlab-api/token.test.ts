import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { findAccess } from '../../src/gitlab-api/token.ts';

const com = 'https://gitlab.com';
const example = 'https://gitlab.example.com';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
});

const readText = async (path: string) => readFileSync(path, 'utf8');
const find = (instance: string, env: Readonly<Record<string, string>>) =>
  findAccess(instance, { HOME: home, ...env }, readText);

function write(file: string, text: string): string {
  const path = join(home, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const legacy = '.config/glab-cli/config.yml';

/** As glab 1.7x writes it. */
const written = `# What protocol to use when performing Git operations. Supported values: ssh, https.
git_protocol: ssh
check_update: true
# Default GitLab hostname to use.
host: gitlab.com
hosts:
    gitlab.com:
        api_protocol: https
        api_host: gitlab.com
        token: !!null glpat-of-gitlab-com
    gitlab.example.com:
        api_host: api.example.com:8443
        api_protocol: https
        user: jane
        is_oauth2: "true"
        oauth2_expiry_date: 02 Jan 26 15:04 UTC
        token: "0123456789abcdef"
    gitlab.example.com:8443:
        token: glpat-of-the-port
    plain.example.com:
        api_protocol: http
        api_host: plain.example.com
        token: 12345678901234567890
    keyring.example.com:
        user: jane
`;

describe('a token in a variable', () => {
  it.each([
    ['GITLAB_TOKEN', 'access'],
    ['GITLAB_ACCESS_TOKEN', 'access'],
    ['OAUTH_TOKEN', 'oauth'],
  ])('%s is used for gitlab.com', async (name, kind) => {
    expect(await find(com, { [name]: ' secret\n' })).toEqual({
      token: { text: 'secret', kind, source: name },
      apiUrl: undefined,
      unused: [],
    });
  });

  it('is the first that is set', async () => {
    const { token } = await find(com, {
      GITLAB_TOKEN: '',
      GITLAB_ACCESS_TOKEN: 'second',
      OAUTH_TOKEN: 'third',
    });
    expect(token).toMatchObject({ text: 'second', source: 'GITLAB_ACCESS_TOKEN' });
  });

  it.each([
    ['GITLAB_HOST', 'gitlab.example.com'],
    ['GITLAB_HOST', 'https://gitlab.example.com'],
    ['GITLAB_HOST', 'https://GitLab.example.com/'],
    ['GITLAB_HOST', 'gitlab.example.com:443'],
    ['GITLAB_URI', 'https://gitlab.example.com'],
    ['GL_HOST', 'gitlab.example.com'],
  ])('is used for the instance of %s=%s alone', async (name, host) => {
    const env = { GITLAB_TOKEN: 'secret', [name]: host };
    expect((await find(example, env)).token?.text).toBe('secret');
    expect((await find(com, env)).token).toBeUndefined();
    expect((await find(`${example}:8443`, env)).token).toBeUndefined();
  });

  it('is not sent to another instance, and the reason says what to do', async () => {
    expect(await find(example, { GITLAB_TOKEN: 'secret', GITLAB_API_HOST: 'api.example.com' })).toEqual({
      token: undefined,
      apiUrl: undefined,
      unused: [
        'GITLAB_TOKEN is not sent to gitlab.example.com: set GITLAB_HOST=gitlab.example.com if it is a token of that instance.',
        'GITLAB_API_HOST is not used: set GITLAB_HOST=gitlab.example.com if it is for gitlab.example.com.',
      ],
    });
  });

  it.each([
    ['another host', 'https://gitlab.com.evil.example'],
    ['another port', 'https://gitlab.com:8443'],
    ['a subdomain', 'https://x.gitlab.com'],
    ['a host that ends like it', 'https://notgitlab.com'],
  ])('is not sent to %s', async (_, instance) => {
    expect((await find(instance, { GITLAB_TOKEN: 'secret' })).token).toBeUndefined();
  });

  it('is the instance’s own in a job', async () => {
    const job = { GITLAB_TOKEN: 'secret', CI_SERVER_URL: example, CI_JOB_ID: '1' };
    expect((await find(example, job)).token?.text).toBe('secret');
    expect((await find(com, job)).token).toBeUndefined();
    expect((await find(com, { ...job, GITLAB_HOST: 'gitlab.com' })).token?.text).toBe('secret');
    expect((await find(example, { ...job, CI_JOB_ID: '' })).token).toBeUndefined();
  });

  it('is not used if GITLAB_HOST cannot be read', async () => {
    const { token, unused } = await find(com, { GITLAB_TOKEN: 'secret', GITLAB_HOST: 'https://' });
    expect(token).toBeUndefined();
    expect(unused).toEqual([expect.stringContaining('set GITLAB_HOST=gitlab.com')]);
  });

  it.each([
    ['the job token', { GITLAB_TOKEN: 'x', CI_JOB_TOKEN: 'x' }, /^GITLAB_TOKEN is a CI\/CD job token/],
    ['a job token', { GITLAB_TOKEN: 'glcbt-64_x' }, /^GITLAB_TOKEN is a CI\/CD job token/],
    ['a text with spaces', { OAUTH_TOKEN: 'a b' }, /^OAUTH_TOKEN contains characters that no token has/],
    ['a text with a header', { GITLAB_TOKEN: 'a\r\nx: y' }, /^GITLAB_TOKEN contains characters/],
  ])('is not used if it is %s', async (_, env, reason) => {
    expect(await find(com, env)).toMatchObject({ token: undefined, unused: [expect.stringMatching(reason)] });
  });

  it('is never CI_JOB_TOKEN', async () => {
    const env = { CI_JOB_TOKEN: 'glcbt-64_x', CI_SERVER_URL: com, CI_JOB_ID: '1' };
    expect(await find(com, env)).toEqual({ token: undefined, apiUrl: undefined, unused: [] });
  });
});

describe('the address of the API', () => {
  it.each([
    ['api.example.com', 'https://api.example.com'],
    ['gitlab.example.com:8443', 'https://gitlab.example.com:8443'],
    ['https://api.example.com/gitlab/api/v4/', 'https://api.example.com/gitlab'],
    ['https://user:password@api.example.com', 'https://api.example.com'],
    ['gitlab.example.com', undefined],
  ])('is that of GITLAB_API_HOST=%s', async (value, expected) => {
    const env = { GITLAB_HOST: 'gitlab.example.com', GITLAB_API_HOST: value };
    expect((await find(example, env)).apiUrl).toBe(expected);
  });

  it('is the one that glab has', async () => {
    write(legacy, written);
    expect((await find(example, {})).apiUrl).toBe('https://api.example.com:8443');
    expect((await find('https://plain.example.com', {})).apiUrl).toBe('http://plain.example.com');
    expect((await find(com, {})).apiUrl).toBeUndefined();
  });
});

describe('a token of glab', () => {
  it.each([
    [com, 'glpat-of-gitlab-com', 'access'],
    [example, '0123456789abcdef', 'oauth'],
    [`${example}:8443`, 'glpat-of-the-port', 'access'],
    ['https://plain.example.com', '12345678901234567890', 'access'],
  ])('is found for %s', async (instance, text, kind) => {
    const source = write(legacy, written);
    expect((await find(instance, {})).token).toEqual({ text, kind, source });
  });

  it('is not found for a host that glab does not know, or whose token is elsewhere', async () => {
    write(legacy, written);
    for (const instance of ['https://other.example.com', 'https://keyring.example.com']) {
      expect(await find(instance, {})).toEqual({ token: undefined, apiUrl: undefined, unused: [] });
    }
  });

  it('is used if the variable is for another instance, which is still reported', async () => {
    write(legacy, written);
    const { token, unused } = await find(example, { GITLAB_TOKEN: 'secret' });
    expect(token?.text).toBe('0123456789abcdef');
    expect(unused).toHaveLength(1);
  });

  it('is not used if a variable has one', async () => {
    write(legacy, written);
    expect((await find(com, { GITLAB_TOKEN: 'secret' })).token?.text).toBe('secret');
  });

  it.each([
    ['GLAB_CONFIG_DIR', (folder: string) => ({ GLAB_CONFIG_DIR: join(folder, 'own') }), 'own/config.yml'],
    [
      'XDG_CONFIG_HOME',
      (folder: string) => ({ XDG_CONFIG_HOME: join(folder, 'xdg') }),
      'xdg/glab-cli/config.yml',
    ],
    ['the folder of macOS', () => ({}), 'Library/Application Support/glab-cli/config.yml'],
  ])('is found with %s', async (_, env, file) => {
    const source = write(file, written);
    expect((await find(com, env(home))).token?.source).toBe(source);
  });

  it('is only that of GLAB_CONFIG_DIR, if that is set', async () => {
    write(legacy, written);
    expect((await find(com, { GLAB_CONFIG_DIR: join(home, 'none') })).token).toBeUndefined();
  });

  it.each([
    ['is not YAML', 'hosts: [', 'it is not valid YAML'],
    ['has other keys', 'hosts: gitlab.com', undefined],
    ['is a list', '- hosts', undefined],
    ['is empty', '', undefined],
    ['has a list as the token', 'hosts:\n  gitlab.com:\n    token: [a]', undefined],
  ])('is not found in a file that %s', async (_, text, reason) => {
    const path = write(legacy, text);
    const { token, unused } = await find(com, {});
    expect(token).toBeUndefined();
    expect(unused).toEqual(reason === undefined ? [] : [`${path} was not used: ${reason}.`]);
  });

  it('is not found in a file that cannot be read, which is reported', async () => {
    const path = join(home, legacy);
    mkdirSync(path, { recursive: true });
    expect((await find(com, {})).unused).toEqual([`${path} was not used: it cannot be read (EISDIR).`]);
  });
});

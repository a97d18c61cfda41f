import { describe, expect, it } from 'vitest';
import { run } from '../../src/command-line/run.ts';
import { fakeIo } from '../support/fake-io.ts';
import { unsignedToken } from '../support/token.ts';

const now = new Date('2026-01-01T00:00:00Z');
const seconds = now.getTime() / 1000;
const claims = {
  iss: 'https://gitlab.com',
  aud: 'https://gitlab.com',
  sub: 'project_path:acme/shop:ref_type:branch:ref:main',
  project_id: '20',
  namespace_id: '72',
  ref_protected: 'true',
  user_email: 'someone@example.com',
  user_login: 'someone',
  iat: seconds - 60,
  exp: seconds + 600,
};

async function inspect(payload: Record<string, unknown>, ...flags: string[]) {
  const token = unsignedToken(payload);
  const io = { ...fakeIo({ GITLAB_OIDC_TOKEN: token }), now: () => now };
  const exitCode = await run(['inspect', ...flags], io);
  return { exitCode, text: io.text(), results: io.results(), token };
}

describe('inspect', () => {
  it('shows header, claims, life left, sub in words, and conditions to paste', async () => {
    const { exitCode, results } = await inspect(claims);
    expect(exitCode).toBe(0);
    expect(results).toMatch(/^Header\n {2}alg {2}\S+\n/);
    expect(results).toContain('  sub            project_path:acme/shop:ref_type:branch:ref:main\n');
    expect(results).toContain('  sub      branch "main" of the project acme/shop\n');
    expect(results).toContain('  expires  2026-01-01T00:10:00.000Z, 10 minutes left\n');
    expect(results).toContain('"gitlab.com:project_id": "20"');
  });

  it('never shows the signature or claims about a person', async () => {
    for (const flags of [[], ['--format', 'json']]) {
      const { text, token } = await inspect(claims, ...flags);
      expect(text).not.toContain(token.split('.')[2]);
      expect(text).not.toContain('someone');
    }
  });

  it('gives the same to programs', async () => {
    const { results } = await inspect(claims, '--format', 'json');
    expect(JSON.parse(results)).toMatchObject({
      claims: { sub: claims.sub },
      subject: 'branch "main" of the project acme/shop',
      expiresAt: '2026-01-01T00:10:00.000Z',
      secondsLeft: 600,
      condition: { StringEquals: { 'gitlab.com:sub': claims.sub, 'gitlab.com:ref_protected': 'true' } },
    });
  });

  it('offers only conditions that AWS maps for the issuer', async () => {
    const { results } = await inspect({ ...claims, iss: 'https://gitlab.example.com' }, '--format', 'json');
    expect(JSON.parse(results).condition.StringEquals).toEqual({
      'gitlab.example.com:aud': 'https://gitlab.com',
      'gitlab.example.com:sub': claims.sub,
    });
  });

  it('shows an expired token, too', async () => {
    const { exitCode, results } = await inspect({ ...claims, exp: seconds - 90 });
    expect(exitCode).toBe(0);
    expect(results).toContain('90 seconds ago');
  });

  it.each([
    ['CircleCI', 'org/aaaa/project/bbbb/user/cccc', 'project bbbb of the organization aaaa, user cccc'],
    [
      'a sub that the project composes',
      'project_id:20:ref_type:tag:ref:v1',
      `project_id "20", ref_type "tag", ref "v1" (not GitLab's usual form)`,
    ],
    ['something else', 'x', 'an unknown subject'],
  ])('puts the sub of %s into words', async (_, sub, words) => {
    const { results } = await inspect({ ...claims, sub }, '--format', 'json');
    expect(JSON.parse(results).subject).toBe(words);
  });

  it('cannot be made to forge lines by a claim', async () => {
    const { results } = await inspect({ ...claims, sub: 'a\n\u001b[2J\u202eb' });
    expect(results).toContain('a\\u{a}\\u{1b}[2J\\u{202e}b');
    expect(results).not.toContain('\u001b');
  });

  it.each([
    ['no token', {}, '✘ Invalid input.\n  "GITLAB_OIDC_TOKEN" must not be empty\n'],
    [
      'no JSON web token',
      { GITLAB_OIDC_TOKEN: 'x' },
      '"GITLAB_OIDC_TOKEN" must be a JSON Web Token: three parts, separated by dots',
    ],
  ])('refuses %s with 2', async (_, env, message) => {
    const io = fakeIo(env);
    expect(await run(['inspect'], io)).toBe(2);
    expect(io.text()).toContain(message);
    expect(io.results()).toBe('');
  });
});

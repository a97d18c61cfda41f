import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { otherService, parseRemote } from '../../src/gitlab-api/remote.ts';
import { remotesOf } from '../../src/system/git.ts';

const com = 'https://gitlab.com';
const example = 'https://gitlab.example.com';

const forms: readonly (readonly [url: string, instance: string, path: string])[] = [
  ['git@gitlab.com:group/project.git', com, 'group/project'],
  ['git@gitlab.com:group/project', com, 'group/project'],
  ['git@gitlab.com:/group/project.git', com, 'group/project'],
  ['gitlab.com:group/project.git', com, 'group/project'],
  ['git@gitlab.com:a/b/c/project.git', com, 'a/b/c/project'],
  ['git@GitLab.Example.COM:Group/Project.git', example, 'Group/Project'],
  ['[git@gitlab.example.com:2222]:group/project.git', example, 'group/project'],
  ['[gitlab.example.com]:group/project.git', example, 'group/project'],
  ['git@[::1]:group/project.git', 'https://[::1]', 'group/project'],
  ['git@10.0.0.1:group/project.git', 'https://10.0.0.1', 'group/project'],
  ['git@my_gitlab:group/project.git', 'https://my_gitlab', 'group/project'],
  ['ssh://git@gitlab.example.com/group/project.git', example, 'group/project'],
  ['ssh://git@gitlab.example.com:2222/group/project.git', example, 'group/project'],
  ['ssh://gitlab.example.com/group/project.git/', example, 'group/project'],
  ['git+ssh://git@gitlab.example.com/group/project.git', example, 'group/project'],
  ['ssh+git://git@gitlab.example.com/group/project.git', example, 'group/project'],
  ['ssh://git@altssh.gitlab.com:443/group/project.git', com, 'group/project'],
  ['git@altssh.gitlab.com:group/project.git', com, 'group/project'],
  ['https://gitlab.com/group/project.git', com, 'group/project'],
  ['https://gitlab.com/group/project', com, 'group/project'],
  ['https://gitlab.com/group/project/', com, 'group/project'],
  ['https://gitlab.com/group/sub/project.git/', com, 'group/sub/project'],
  ['https://gitlab.com./group/project.git', com, 'group/project'],
  ['HTTPS://GITLAB.COM/group/project.git', com, 'group/project'],
  ['https://user:pass-word@gitlab.com/group/project.git', com, 'group/project'],
  ['https://gitlab-ci-token:[MASKED]@gitlab.com/group/project.git', com, 'group/project'],
  ['https://oauth2:glpat-x@gitlab.example.com:8443/group/project.git', `${example}:8443`, 'group/project'],
  ['https://gitlab.example.com:443/group/project.git', example, 'group/project'],
  ['http://gitlab.example.com/group/project.git', 'http://gitlab.example.com', 'group/project'],
  ['http://gitlab.example.com:8080/group/project.git', 'http://gitlab.example.com:8080', 'group/project'],
  ['https://gitlab.com/group/my.project_1-x.git', com, 'group/my.project_1-x'],
  ['https://gitlab.com/group/.github.git', com, 'group/.github'],
];

const none: readonly (readonly [what: string, url: string])[] = [
  ['an empty text', ''],
  ['an absolute path', '/srv/git/project.git'],
  ['a relative path', '../group/project.git'],
  ['a relative path with a colon', './host:group/project.git'],
  ['a Windows path', 'C:\\git\\project'],
  ['a Windows path with slashes', 'C:/group/project'],
  ['a file URL', 'file:///srv/group/project.git'],
  ['the git protocol, which GitLab does not offer', 'git://gitlab.com/group/project.git'],
  ['ftp', 'ftp://gitlab.com/group/project.git'],
  ['a remote helper', 'ext::sh -c "touch x"'],
  ['a remote helper without spaces', 'ext::sh/project/x'],
  ['a bundle', 'project.bundle'],
  ['a host without a path', 'https://gitlab.com/'],
  ['a project without a group', 'git@gitlab.com:project.git'],
  ['an option as the host', '-oProxyCommand=touch:group/project'],
  ['an option as the host of a URL', 'ssh://-oProxyCommand=touch/group/project'],
  ['an option as the user', '-oProxyCommand=x@gitlab.com:group/project'],
  ['an option as the user of a URL', 'ssh://-oProxyCommand=x@gitlab.com/group/project'],
  ['an option as a group', 'git@gitlab.com:-group/project'],
  ['dots', 'https://gitlab.com/group/../other/project'],
  ['dots at the end', 'https://gitlab.com/group/project/..'],
  ['encoded dots', 'https://gitlab.com/group/%2e%2e/project'],
  ['one dot', 'https://gitlab.com/group/./project'],
  ['an empty group', 'https://gitlab.com/group//project'],
  ['no name before .git', 'https://gitlab.com/group/.git'],
  ['a query', 'https://gitlab.com/group/project?x=1'],
  ['a query before the path', 'https://gitlab.com?x/group/project'],
  ['a fragment', 'https://gitlab.com/group/project#x'],
  ['a line break', 'git@gitlab.com:group/project\ngit@evil.example.com:group/project'],
  ['a line break in the host', 'https://git\nlab.com/group/project'],
  ['a tab', 'https://gitlab.com/group/pro\tject'],
  ['an escape sequence', 'git@gitlab.com:group/\x1b[2Jproject'],
  ['a direction mark', 'git@gitlab.com:group/\u202eproject'],
  ['a letter that looks like another', 'git@gitl\u0430b.com:group/project'],
  ['a backslash', 'https://gitlab.com\\@evil.example.com/group/project'],
  ['a slash in the password', 'https://user:pass/word@gitlab.com/group/project'],
  ['a port that is none', 'https://gitlab.com:99999/group/project'],
  ['a home directory', 'ssh://git@gitlab.com/~user/project'],
  ['a very deep path', `git@gitlab.com:${'a/'.repeat(30)}b`],
  ['a very long path', `git@gitlab.com:group/${'a'.repeat(3000)}`],
];

describe('parseRemote', () => {
  it.each(forms)('reads %s', (url, instance, path) => {
    expect(parseRemote(url)).toEqual({ instance, path });
    expect(otherService(url)).toBeUndefined();
  });

  it.each(none)('does not take %s for a project', (_, url) => {
    expect(parseRemote(url)).toBeUndefined();
  });

  it('reads every form as git gives it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'repository-'));
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', stdio: 'pipe' });
    git('init', '-q');
    for (const [index, [url]] of forms.entries()) git('remote', 'add', `r${index}`, url);
    const shown = git('remote', '-v')
      .split('\n')
      .filter((line) => line.endsWith(' (fetch)'))
      .map((line) => /\t(.*) \(fetch\)$/.exec(line)?.[1] ?? '');
    expect(shown).toHaveLength(forms.length);
    const parsed = (urls: Iterable<string>) => [...urls].map((url) => parseRemote(url));
    const expected = forms.map(([, instance, path]) => ({ instance, path }));
    expect(new Set(parsed(shown))).toEqual(new Set(expected));
    expect(parsed(((await remotesOf(folder, process.env)) ?? new Map()).values())).toEqual(
      expected.slice(0, 30),
    );
  });

  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
  const host = fc
    .tuple(label, label, fc.constantFrom('test', 'example', 'internal'))
    .map((parts) => parts.join('.'));
  const name = fc
    .stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,15}[A-Za-z0-9_]$/)
    .filter((text) => !text.endsWith('.git'));
  const path = fc.array(name, { minLength: 2, maxLength: 21 }).map((names) => names.join('/'));
  const ending = fc.constantFrom('', '.git', '/', '.git/');
  const port = fc.integer({ min: 1, max: 65_535 });

  it('finds host and path in every form', () => {
    fc.assert(
      fc.property(host, path, ending, port, (server, project, end, number) => {
        const instance = `https://${server}`;
        const tail = `${project}${end}`;
        for (const url of [
          `git@${server}:${tail}`,
          `ssh://git@${server}:${number}/${tail}`,
          `https://user:secret@${server}/${tail}`,
          `https://${server.toUpperCase()}/${tail}`,
        ]) {
          expect(parseRemote(url)).toEqual({ instance, path: project });
        }
        const kept = number === 443 ? instance : `${instance}:${number}`;
        expect(parseRemote(`https://${server}:${number}/${tail}`)).toEqual({ instance: kept, path: project });
      }),
    );
  });

  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc
      .tuple(
        fc.constantFrom('', 'https://', 'ssh://', 'git@', 'ssh://-o', 'https://u:p@', '['),
        fc.array(
          fc.constantFrom(
            'a',
            'b.c',
            '/',
            ':',
            '@',
            '..',
            '.',
            '-',
            '~',
            '%2f',
            '\\',
            '\n',
            '\0',
            '[',
            ']',
            '?',
          ),
          { maxLength: 12 },
        ),
      )
      .map(([start, parts]) => start + parts.join('')),
  );

  it('returns nothing that is not an address and a path', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const found = parseRemote(text);
        if (found === undefined) return;
        expect(new URL(found.instance).origin).toBe(found.instance);
        expect(found.path).toMatch(/^[\w.][\w.-]*(\/[\w.][\w.-]*)+$/);
        expect(new URL(`${found.instance}/${found.path}`).pathname).toBe(`/${found.path}`);
        expect(text.toLowerCase()).toContain(found.path.toLowerCase());
      }),
      { numRuns: 2000 },
    );
  });

  it('is quick for every text', () => {
    const started = performance.now();
    for (const part of ['a', 'a@', '[', ':', '/', '@:', 'a.']) {
      parseRemote(`git@${part.repeat(2000)}`);
      parseRemote(`https://${part.repeat(1000)}`);
    }
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('otherService', () => {
  it.each([
    ['git@github.com:acme/shop.git', 'GitHub'],
    ['https://github.com/acme/shop', 'GitHub'],
    ['ssh://git@ssh.github.com:443/acme/shop.git', 'GitHub'],
    ['https://acme.ghe.com/acme/shop', 'GitHub'],
    ['git@bitbucket.org:acme/shop.git', 'Bitbucket'],
    ['ssh://git@altssh.bitbucket.org:443/acme/shop.git', 'Bitbucket'],
    ['https://acme@dev.azure.com/acme/shop/_git/shop', 'Azure DevOps'],
    ['git@ssh.dev.azure.com:v3/acme/shop/shop', 'Azure DevOps'],
    ['https://acme.visualstudio.com/shop/_git/shop', 'Azure DevOps'],
    ['https://git-codecommit.us-east-1.amazonaws.com/v1/repos/shop', 'AWS CodeCommit'],
    ['ssh://git-codecommit.cn-north-1.amazonaws.com.cn/v1/repos/shop', 'AWS CodeCommit'],
    ['codecommit::eu-west-1://profile@shop', 'AWS CodeCommit'],
    ['codecommit://shop', 'AWS CodeCommit'],
    ['git@codeberg.org:acme/shop.git', 'Codeberg'],
    ['git@git.sr.ht:~acme/shop', 'SourceHut'],
  ])('recognizes %s', (url, name) => {
    expect(otherService(url)).toBe(name);
    expect(parseRemote(url)).toBeUndefined();
  });

  it.each([
    ['https://github.com.example.com/acme/shop'],
    ['https://notgithub.com/acme/shop'],
    ['https://gitlab.com/github.com/shop'],
    ['/srv/github.com/shop'],
  ])('does not recognize %s', (url) => {
    expect(otherService(url)).toBeUndefined();
  });
});

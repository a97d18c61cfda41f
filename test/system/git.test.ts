import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { branchOf, remotesOf, uncommittedFiles } from '../../src/system/git.ts';

const home = mkdtempSync(join(tmpdir(), 'home-'));
const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: join(home, '.config') };
const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];

function repository(...commands: readonly (readonly string[])[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'repository-'));
  for (const args of [['init', '-q', '-b', 'main'], ...commands]) {
    execFileSync('git', ['-C', folder, ...identity, ...args], { env, stdio: 'pipe' });
  }
  return folder;
}

const commit = ['commit', '-q', '--allow-empty', '-m', 'first'];

describe('remotesOf', () => {
  it('lists the remotes in their order, each with the URL to fetch from', async () => {
    const folder = repository(
      ['remote', 'add', 'origin', 'git@gitlab.example.com:acme/shop.git'],
      ['remote', 'add', 'a.b/c', 'https://gitlab.com/acme/shop.git'],
      ['remote', 'set-url', '--push', 'origin', 'git@elsewhere.example.com:acme/shop.git'],
      ['remote', 'set-url', '--add', 'origin', 'git@second.example.com:acme/shop.git'],
    );
    expect([...((await remotesOf(folder, env)) ?? [])]).toEqual([
      ['origin', 'git@gitlab.example.com:acme/shop.git'],
      ['a.b/c', 'https://gitlab.com/acme/shop.git'],
    ]);
  });

  it('applies insteadOf of the repository and of both settings of the user', async () => {
    mkdirSync(join(home, '.config/git'), { recursive: true });
    writeFileSync(join(home, '.gitconfig'), '[url "git@gitlab.com:"]\n\tinsteadOf = gl:\n');
    writeFileSync(
      join(home, '.config/git/config'),
      '[url "https://gitlab.example.com/"]\n\tinsteadOf = corp:\n',
    );
    const folder = repository(
      ['config', 'url.ssh://git@own.example.com/.insteadOf', 'own:'],
      ['remote', 'add', 'one', 'gl:acme/shop'],
      ['remote', 'add', 'two', 'corp:acme/shop'],
      ['remote', 'add', 'three', 'own:acme/shop'],
    );
    expect(Object.fromEntries((await remotesOf(folder, env)) ?? [])).toEqual({
      one: 'git@gitlab.com:acme/shop',
      two: 'https://gitlab.example.com/acme/shop',
      three: 'ssh://git@own.example.com/acme/shop',
    });
  });

  it('finds none in a repository without remotes, and tells that from no repository', async () => {
    expect(await remotesOf(repository(), env)).toEqual(new Map());
    expect(await remotesOf(mkdtempSync(join(tmpdir(), 'folder-')), env)).toBeUndefined();
    expect(await remotesOf('/no/such/folder', env)).toBeUndefined();
  });

  it('finds them from a subfolder', async () => {
    const folder = repository(['remote', 'add', 'origin', 'git@gitlab.com:acme/shop.git']);
    mkdirSync(join(folder, 'sub'));
    expect([...((await remotesOf(join(folder, 'sub'), env)) ?? []).keys()]).toEqual(['origin']);
  });

  it('reads at most 30', async () => {
    const folder = repository();
    const settings = Array.from({ length: 40 }, (_, index) => `[remote "r${index}"]\n\turl = x\n`);
    appendFileSync(join(folder, '.git/config'), settings.join(''));
    expect((await remotesOf(folder, env))?.size).toBe(30);
  });

  it('keeps a line break of a URL in this URL', async () => {
    const folder = repository();
    const url = 'git@gitlab.com:acme/shop\\norigin2\\tgit@evil.example.com:acme/shop';
    appendFileSync(join(folder, '.git/config'), `[remote "origin"]\n\turl = "${url}"\n`);
    expect([...((await remotesOf(folder, env)) ?? [])]).toEqual([
      ['origin', 'git@gitlab.com:acme/shop\norigin2\tgit@evil.example.com:acme/shop'],
    ]);
  });
});

describe('branchOf', () => {
  it('is the current branch', async () => {
    expect(await branchOf(repository(commit, ['checkout', '-q', '-b', 'feature/a']), env)).toBe('feature/a');
  });

  it('is the branch of the first commit to come', async () => {
    expect(await branchOf(repository(), env)).toBe('main');
  });

  it('is its own name if there is a tag of this name', async () => {
    expect(await branchOf(repository(commit, ['tag', 'main']), env)).toBe('main');
  });

  it('is undefined for a detached HEAD and outside a repository', async () => {
    expect(await branchOf(repository(commit, ['checkout', '-q', '--detach']), env)).toBeUndefined();
    expect(await branchOf(mkdtempSync(join(tmpdir(), 'folder-')), env)).toBeUndefined();
  });
});

describe('the settings of a repository', () => {
  it('run nothing', async () => {
    const folder = repository();
    writeFileSync(join(folder, 'file'), '1');
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-C', folder, ...identity, ...args], { env, encoding: 'utf8' }).trim();
    git('add', 'file');
    git('commit', '-q', '-m', 'first');
    const tree = git('rev-parse', 'HEAD^{tree}');
    git('config', 'extensions.partialClone', 'origin');
    const marker = join(folder, 'executed');
    const run = `"sh -c 'touch ${marker}'"`;
    appendFileSync(
      join(folder, '.git/config'),
      `[core]
	fsmonitor = ${run}
	sshCommand = ${run}
	pager = ${run}
	editor = ${run}
	gitProxy = ${run}
	hooksPath = ${folder}
[pager]
	config = ${run}
	ls-remote = ${run}
[alias]
	config = !touch ${marker}
	ls-remote = !touch ${marker}
[diff]
	external = ${run}
[credential]
	helper = !touch ${marker}
[protocol "ext"]
	allow = always
[remote "origin"]
	url = "ext::sh -c touch% ${marker}"
	vcs = sh
	uploadpack = ${run}
	promisor = true
[trace2]
	normalTarget = ${marker}
`,
    );
    // as in a partial clone: git would fetch it
    rmSync(join(folder, '.git/objects', tree.slice(0, 2), tree.slice(2)));
    expect([...((await remotesOf(folder, env)) ?? []).keys()]).toEqual(['origin']);
    expect(await branchOf(folder, env)).toBe('main');
    expect(await uncommittedFiles(folder, env)).toEqual(new Set());
    expect(existsSync(marker)).toBe(false);
  });
});

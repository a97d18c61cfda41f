import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../../src/command-line/run.ts';
import { fakeIo } from '../../support/fake-io.ts';
import { root } from '../../support/run-program.ts';

const pipeline = 'deploy:\n  script:\n    - ./aws-login "$CI_JOB_JWT_V2"\n';

/** Runs `migrate` in a repository with these files. */
async function migrate(files: Record<string, string>, ...flags: string[]) {
  const io = fakeIo({});
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(io.directory, name)), { recursive: true });
    writeFileSync(join(io.directory, name), text);
  }
  const exitCode = await run(['migrate', join(io.directory, '.gitlab-ci.yml'), ...flags], io);
  const clean = (text: string) => text.replaceAll(`${io.directory}/`, '');
  const read = (name: string) => readFileSync(join(io.directory, name), 'utf8');
  return { io, exitCode, results: clean(io.results()), text: clean(io.text()), read };
}

describe('migrate', () => {
  it('prints the changes and writes nothing', async () => {
    const { exitCode, results, text, read } = await migrate({ '.gitlab-ci.yml': pipeline });
    expect(exitCode).toBe(0);
    expect(results).toContain('--- a/.gitlab-ci.yml\n+++ b/.gitlab-ci.yml\n@@');
    expect(results).toContain(
      '-    - ./aws-login "$CI_JOB_JWT_V2"\n+    - ./aws-login "$GITLAB_OIDC_TOKEN"\n',
    );
    expect(text).toContain('1 file to change; use --write to apply the changes.');
    expect(read('.gitlab-ci.yml')).toBe(pipeline);
  });

  it('writes with --write, and has nothing left to do the second time', async () => {
    const { io, exitCode, text } = await migrate({ '.gitlab-ci.yml': pipeline }, '--write');
    expect(exitCode).toBe(0);
    expect(text).toContain('1 file changed.');
    const again = await run(['migrate', join(io.directory, '.gitlab-ci.yml'), '--check'], io);
    expect(again).toBe(0);
    expect(io.files()).toEqual(['.gitlab-ci.yml']);
  });

  it.each([
    ['both --check and --write', ['--check', '--write'], 'cannot be used together'],
    ['an empty audience', ['--audience', ''], "'--audience <aud>' must not be empty"],
  ])('refuses %s', async (_, flags, message) => {
    const { exitCode, text, read } = await migrate({ '.gitlab-ci.yml': pipeline }, ...flags);
    expect(exitCode).toBe(2);
    expect(text).toContain(message);
    expect(read('.gitlab-ci.yml')).toBe(pipeline);
  });

  it('refuses a file that is not UTF-8, and leaves its bytes', async () => {
    const { io } = await migrate({ '.gitlab-ci.yml': pipeline });
    const file = join(io.directory, '.gitlab-ci.yml');
    const bytes = Buffer.from(`# f\u00fcr Latin-1\n${pipeline}`, 'latin1');
    writeFileSync(file, bytes);
    expect(await run(['migrate', file, '--write'], io)).toBe(2);
    expect(io.text()).toContain('must be UTF-8');
    expect(readFileSync(file)).toEqual(bytes);
  });

  it('exits with 1 for --check if something is left, and writes nothing', async () => {
    const { exitCode, read } = await migrate({ '.gitlab-ci.yml': pipeline }, '--check');
    expect(exitCode).toBe(1);
    expect(read('.gitlab-ci.yml')).toBe(pipeline);
  });

  it('follows local includes, by name and by pattern', async () => {
    const files = {
      '.gitlab-ci.yml': 'include:\n  - local: /ci/deploy.yml\n  - "ci/more/**.yml"\n  - /ci/*.yaml\n',
      'ci/deploy.yml': pipeline,
      'ci/more/deep/er.yml': pipeline.replace('deploy:', 'deeper:'),
      'ci/one.yaml': pipeline.replace('deploy:', 'one:'),
      'ci/not-included.yml': 'x: {script: [ls]}\n',
    };
    const { results, read, exitCode } = await migrate(files, '--write');
    expect(exitCode).toBe(0);
    expect(results.match(/^\+\+\+ b\/.*/gm)?.sort()).toEqual([
      '+++ b/ci/deploy.yml',
      '+++ b/ci/more/deep/er.yml',
      '+++ b/ci/one.yaml',
    ]);
    for (const name of ['ci/deploy.yml', 'ci/more/deep/er.yml', 'ci/one.yaml'])
      expect(read(name)).toContain('id_tokens:');
    expect(read('.gitlab-ci.yml')).toBe(files['.gitlab-ci.yml']);
  });

  it('resolves jobs across files, and declares a token where it is used', async () => {
    const { read } = await migrate(
      {
        '.gitlab-ci.yml': 'include: /base.yml\ndeploy:\n  extends: .aws\n  script: [./deploy.sh]\n',
        'base.yml': '.aws:\n  before_script:\n    - ./aws-login "$CI_JOB_JWT_V2"\n',
      },
      '--write',
    );
    expect(read('base.yml')).toContain('.aws:\n  id_tokens:\n');
    expect(read('.gitlab-ci.yml')).not.toContain('id_tokens');
  });

  it('accepts files that include each other', async () => {
    const { exitCode } = await migrate({
      '.gitlab-ci.yml': `include: /b.yml\n${pipeline}`,
      'b.yml': 'include: /.gitlab-ci.yml\n',
    });
    expect(exitCode).toBe(0);
  });

  it('reports includes that it cannot read', async () => {
    const include = `include:
  - project: group/ci
    file: /aws.yml
  - remote: https://example.com/ci.yml
  - component: gitlab.example.com/a/b/c@1
  - template: Auto-DevOps.gitlab-ci.yml
  - https://example.com/other.yml
  - local: /missing.yml
  - local: $PATH_OF_IT
test: {script: [ls]}
`;
    const { exitCode, text } = await migrate({ '.gitlab-ci.yml': include });
    expect(exitCode).toBe(0);
    for (const what of [
      'group/ci: /aws.yml',
      'https://example.com/ci.yml',
      'gitlab.example.com/a/b/c@1',
      'Auto-DevOps.gitlab-ci.yml',
      'https://example.com/other.yml',
    ]) {
      expect(text).toContain(`"${what}" is not in this repository and was not read`);
    }
    expect(text).toContain('"$PATH_OF_IT" could be any file, and was not read');
    expect(text).toContain('"missing.yml" is included, but no such file exists');
  });

  it('neither shows nor writes a file that a link leads out of the repository to', async () => {
    const { io } = await migrate({ 'somewhere/else.yml': pipeline, 'repository/README': '' });
    const entry = join(io.directory, 'repository/.gitlab-ci.yml');
    symlinkSync(join(io.directory, 'somewhere/else.yml'), entry);
    const before = io.text();
    expect(await run(['migrate', entry, '--write'], io)).toBe(2);
    expect(io.text().slice(before.length)).toContain(
      `"${entry}" must not be a symbolic link to a file outside the repository`,
    );
    expect(io.text().slice(before.length)).not.toContain('aws-login');
    expect(readFileSync(join(io.directory, 'somewhere/else.yml'), 'utf8')).toBe(pipeline);
  });

  it('is fast for jobs that extend each other twice, and for many aliases', async () => {
    const jobs = Array.from({ length: 30 }, (_, index) => `j${index + 1}: {extends: [j${index}, j${index}]}`);
    const doubled = await migrate({ '.gitlab-ci.yml': `j0: {script: [x]}\n${jobs.join('\n')}\n${pipeline}` });
    expect(doubled.exitCode).toBe(0);
    const aliases = `a:\n  script:\n    - &a y\n${'    - *a\n'.repeat(20_000)}${pipeline}`;
    expect((await migrate({ '.gitlab-ci.yml': aliases })).exitCode).toBe(0);
  });

  it('is fast for any pattern in an include', async () => {
    const pattern = `'${'*a'.repeat(30)}z.yml'`;
    const { exitCode, text } = await migrate({
      '.gitlab-ci.yml': `include:\n  - local: ${pattern}\n${pipeline}`,
      [`${'a'.repeat(200)}.yml`]: pipeline,
    });
    expect(exitCode).toBe(0);
    expect(text).toContain('is included, but no such file exists');
  });

  it('lists scripts that use a legacy variable, with line numbers, without changing them', async () => {
    const script = '#!/bin/sh\n./aws-login "$CI_JOB_JWT_V2"\n';
    const { exitCode, text, read } = await migrate(
      { '.gitlab-ci.yml': 'a: {script: [./ci/login.sh]}\n', 'ci/login.sh': script },
      '--check',
    );
    expect(exitCode).toBe(1);
    expect(text).toContain('✘ ci/login.sh:2:15: CI_JOB_JWT_V2 has been empty since GitLab 17.0');
    expect(read('ci/login.sh')).toBe(script);
  });

  it('reports as JSON', async () => {
    const { results } = await migrate({ '.gitlab-ci.yml': pipeline }, '--format', 'json');
    expect(JSON.parse(results)).toMatchObject({
      files: [expect.stringMatching(/\.gitlab-ci\.yml$/)],
      changes: [
        {
          line: 3,
          column: 21,
          message: 'CI_JOB_JWT_V2 has been empty since GitLab 17.0; GITLAB_OIDC_TOKEN replaces it',
        },
      ],
      notes: [],
    });
  });

  it('reports lines of the original files, even if an earlier step moved them', async () => {
    const recipe = `one:
  script:
    - X=$(aws sts assume-role-with-web-identity --role-arn $R --role-session-name x --web-identity-token $CI_JOB_JWT_V2)
    - export AWS_ACCESS_KEY_ID=$(echo $X | jq -r .Credentials.AccessKeyId)
    - export AWS_SECRET_ACCESS_KEY=$(echo $X | jq -r .Credentials.SecretAccessKey)
    - export AWS_SESSION_TOKEN=$(echo $X | jq -r .Credentials.SessionToken)
    - aws s3 ls
two:
  rules:
    - if: $CI_JOB_JWT
  script:
    - ./aws-login $CI_JOB_JWT_V2
`;
    const { results } = await migrate({ '.gitlab-ci.yml': recipe }, '--to', 'component', '--format', 'json');
    const { changes, notes } = JSON.parse(results);
    expect(changes.map(({ line }: { line: number }) => line)).toEqual([3, 12]);
    expect(notes).toMatchObject([{ kind: 'left', line: 10, column: 11 }]);
  });

  it('reports as Code Quality', async () => {
    const { exitCode, results } = await migrate(
      { '.gitlab-ci.yml': pipeline, 'x.sh': '$CI_JOB_JWT' },
      '--check',
      '--format',
      'codequality',
    );
    expect(exitCode).toBe(1);
    expect(
      JSON.parse(results).map((one: { check_name: string; location: { lines: { begin: number } } }) => [
        one.check_name,
        one.location.lines.begin,
      ]),
    ).toEqual([
      ['legacy-token', 3],
      ['legacy-token-by-hand', 1],
    ]);
  });

  it.each<[string, string, RegExp]>([
    ['not YAML', 'a: [b\n', /^✘ \.gitlab-ci\.yml:\d:\d+: .*\n {2}.*\n {2} *\^\n {2}Nothing was changed\.\n$/],
    [
      'a key twice',
      'a:\n  script: [ls]\nb: {}\na:\n  script: [ls]\n',
      /^✘ \.gitlab-ci\.yml:4:1: Map keys must be unique\n {2}a:\n {2}\^\n/,
    ],
    [
      'a tab for indentation',
      'a:\n\tscript: [ls]\n',
      /^✘ \.gitlab-ci\.yml:2:1: Tabs are not allowed as indentation/,
    ],
    ['a list', '- a\n', /^✘ \.gitlab-ci\.yml:1:1: not a pipeline: it must be a mapping of jobs\n/],
    ['nothing', '', /^✘ \.gitlab-ci\.yml:1:1: not a pipeline/],
    ['an anchor that is not defined', 'a: *b\n', /^✘ \.gitlab-ci\.yml:1:4: .*(anchor|alias)/i],
    [
      'five megabytes',
      `a: {script: ["${'x'.repeat(5_000_000)}"]}\n`,
      /^✘ \.gitlab-ci\.yml:1:1: longer than GitLab's limit of 2097152 characters\n/,
    ],
    ['deep nesting', `a: ${'['.repeat(5000)}${']'.repeat(5000)}\n`, /^✘ \.gitlab-ci\.yml:1:\d+: nested/],
  ])('refuses %s, with the place, and writes nothing', async (_, text, message) => {
    const { exitCode, text: log, results, read, io } = await migrate({ '.gitlab-ci.yml': text }, '--write');
    expect(log).toMatch(message);
    expect({ exitCode, results, files: io.files() }).toEqual({
      exitCode: 2,
      results: '',
      files: ['.gitlab-ci.yml'],
    });
    expect(read('.gitlab-ci.yml')).toBe(text);
  });

  it('refuses aliases that explode', async () => {
    const levels = Array.from({ length: 9 }, (_, level) => {
      const below = level === 0 ? 'x' : `*a${level - 1}`;
      return `.a${level}: &a${level} [${Array(10).fill(below).join(', ')}]`;
    });
    const { exitCode, text } = await migrate({ '.gitlab-ci.yml': `${levels.join('\n')}\n` });
    expect(exitCode).toBe(2);
    expect(text).toMatch(/too large with its aliases resolved/);
  });

  it('changes no file where one of an include is broken', async () => {
    const files = { '.gitlab-ci.yml': `include: /b.yml\n${pipeline}`, 'b.yml': 'a: [\n' };
    const { exitCode, read, text } = await migrate(files, '--write');
    expect(exitCode).toBe(2);
    expect(text).toContain('b.yml:');
    expect(read('.gitlab-ci.yml')).toBe(files['.gitlab-ci.yml']);
  });

  it('reports that the pipeline does not exist', async () => {
    const io = fakeIo({});
    expect(await run(['migrate', join(io.directory, '.gitlab-ci.yml')], io)).toBe(2);
    expect(io.text()).toContain('must be an existing file');
  });

  it('keeps the old file if the disk is full', async () => {
    const io = fakeIo({});
    const text = `${pipeline}${'# a long comment\n'.repeat(20_000)}`;
    writeFileSync(join(io.directory, '.gitlab-ci.yml'), text);
    // no file may grow beyond 64 blocks of 512 or 1024 bytes
    const script = `ulimit -f 64; trap '' XFSZ; exec "${process.execPath}" "${join(root, 'dist/aws-oidc.mjs')}" migrate --write`;
    const { status, stderr } = spawnSync('sh', ['-c', script], {
      cwd: io.directory,
      encoding: 'utf8',
      env: {},
    });
    expect(stderr).toContain('The files cannot be written (EFBIG).');
    expect(status).toBe(1);
    expect(readFileSync(join(io.directory, '.gitlab-ci.yml'), 'utf8')).toBe(text);
    expect(readdirSync(io.directory)).toEqual(['.gitlab-ci.yml']);
  });

  it('says where to run it if the pipeline does not exist', async () => {
    const io = fakeIo({});
    expect(await run(['migrate', join(io.directory, 'ci.yml')], io)).toBe(2);
    expect(io.text()).toContain('must be an existing file');
    expect(io.text()).toContain('Run this in the root of the repository');
  });

  it('mentions --to component for a recipe that is left', async () => {
    const recipe = `deploy:
  id_tokens: { GITLAB_OIDC_TOKEN: { aud: $CI_SERVER_URL } }
  script:
    - aws sts assume-role-with-web-identity --web-identity-token $GITLAB_OIDC_TOKEN --role-arn $R > x
`;
    const { exitCode, text } = await migrate({ '.gitlab-ci.yml': recipe }, '--check');
    expect(exitCode).toBe(0);
    expect(text).toContain('"aws-oidc migrate --to component"');
  });

  it('does not search documentation', async () => {
    const files = {
      '.gitlab-ci.yml': 'test: { script: [ls] }\n',
      'CHANGELOG.md': 'CI_JOB_JWT',
      'docs/x.md': 'CI_JOB_JWT_V2',
    };
    const { exitCode, text } = await migrate(files, '--check');
    expect({ exitCode, text }).toEqual({ exitCode: 0, text: 'Nothing to change.\n' });
  });

  it('migrates child pipelines, and files that parent and child include', async () => {
    const files = {
      '.gitlab-ci.yml': `include: [{ local: aws.yml }]\n${pipeline}child:\n  trigger: { include: [{ local: child.yml }] }\n`,
      'aws.yml': '.login: { before_script: ["./aws-login $CI_JOB_JWT_V2"] }\n',
      'child.yml': 'include: aws.yml\napply:\n  extends: .login\n  script: [make]\n',
    };
    const { read } = await migrate(files, '--write');
    expect(read('aws.yml')).toContain('id_tokens: { GITLAB_OIDC_TOKEN: { aud: $CI_SERVER_URL } }');
    expect(read('aws.yml')).toContain('./aws-login $GITLAB_OIDC_TOKEN');
  });

  it('migrates each of the files that a variable can select', async () => {
    const files = {
      '.gitlab-ci.yml': 'include: [{ local: "ci/$TARGET.yml" }]\n',
      'ci/dev.yml': pipeline,
      'ci/prod.yml': pipeline.replace('..', './prod/'),
    };
    const { read, text } = await migrate(files, '--write');
    for (const name of ['ci/dev.yml', 'ci/prod.yml']) expect(read(name)).toContain('GITLAB_OIDC_TOKEN:');
    expect(text).not.toContain('no job runs this');
  });

  describe('in a Git repository', () => {
    const git = (folder: string, ...args: string[]) => {
      const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
      const { status, stderr } = spawnSync('git', [...identity, ...args], { cwd: folder, encoding: 'utf8' });
      expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    };

    it('finds the root from a pipeline below it, and skips ignored files', async () => {
      const io = fakeIo({});
      mkdirSync(join(io.directory, 'ci/build'), { recursive: true });
      writeFileSync(join(io.directory, '.gitignore'), 'build\n');
      writeFileSync(join(io.directory, 'ci/build/x.sh'), '$CI_JOB_JWT_V2');
      writeFileSync(
        join(io.directory, 'login.yml'),
        '.login: { before_script: ["./aws-login $CI_JOB_JWT_V2"] }\n',
      );
      writeFileSync(
        join(io.directory, 'ci/main.yml'),
        'include: /login.yml\napply: { extends: .login, script: [make] }\n',
      );
      git(io.directory, 'init', '--quiet');
      expect(await run(['migrate', join(io.directory, 'ci/main.yml'), '--write'], io)).toBe(0);
      expect(io.text()).not.toContain('x.sh');
      expect(readFileSync(join(io.directory, 'login.yml'), 'utf8')).toContain('$GITLAB_OIDC_TOKEN');
    });

    it('reports uncommitted changes', async () => {
      const io = fakeIo({});
      const file = join(io.directory, '.gitlab-ci.yml');
      writeFileSync(file, pipeline);
      git(io.directory, 'init', '--quiet');
      git(io.directory, 'add', '.');
      git(io.directory, 'commit', '--quiet', '--message', 'a');
      writeFileSync(file, `${pipeline}# mine\n`);
      expect(await run(['migrate', file, '--write'], io)).toBe(0);
      expect(io.text()).toContain('had uncommitted changes');
    });
  });

  it('does not report a file twice because its path is written differently', async () => {
    const { io } = await migrate({ '.gitlab-ci.yml': pipeline });
    const path = `${io.directory}/./.gitlab-ci.yml`;
    expect(await run(['migrate', path, '--format', 'json'], io)).toBe(0);
    expect(io.text()).not.toContain('"kind": "left"');
  });
});

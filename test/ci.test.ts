import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type Consumer, commitAll, git } from '../sandbox/catalog.ts';
import { type Issuer, startIssuer } from '../sandbox/issuer.ts';
import { runPipeline } from '../sandbox/pipeline.ts';
import { freePort } from './support/free-port.ts';
import { root } from './support/run-program.ts';

let issuer: Issuer;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.stop());

/** This project as on an instance: a copy of what is committed, with a remote. */
function copyOfThisProject(port = 8787, variables: Record<string, string> = {}): Consumer {
  const directory = mkdtempSync(join(tmpdir(), 'this-project-'));
  for (const part of ['templates', 'sandbox', 'src', 'package.json', '.gitignore']) {
    cpSync(join(root, part), join(directory, part), { recursive: true });
  }
  const pipeline = readFileSync(join(root, '.gitlab-ci.yml'), 'utf8');
  writeFileSync(join(directory, '.gitlab-ci.yml'), pipeline.replaceAll('8787', String(port)));
  commitAll(directory, 'main');
  git(directory, 'remote', 'add', 'origin', 'https://gitlab.example.com/aws-oidc/aws-oidc.git');
  git(directory, 'symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main');
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  writeFileSync(join(directory, '.gitlab-ci-local-variables.yml'), stringify(variables));
  return { directory, gitEnvironment: {} };
}

describe('.gitlab-ci.yml', () => {
  it("is valid by GitLab's schema, with the component of this commit", async () => {
    const { exitCode, log } = await runPipeline(copyOfThisProject(), { args: ['--list'] });
    expect(log).not.toMatch(/Invalid|WARN/);
    expect(exitCode).toBe(0);
    for (const job of ['check', 'drift', 'test', 'nodes', 'peers', 'self-test', 'self-test-consumer']) {
      expect(log).toMatch(new RegExp(`^${job}\\b`, 'm'));
    }
  });

  it('tests the component against the sandbox, which trusts the instance', async () => {
    const project = copyOfThisProject(await freePort(), {
      ISSUER: issuer.url,
      GITLAB_OIDC_TOKEN: await issuer.mint({ job: { projectPath: 'aws-oidc/aws-oidc' } }),
    });
    expect(await runPipeline(project, { args: ['self-test'] })).toMatchObject({ exitCode: 0 });
    const { exitCode, log } = await runPipeline(project, { args: ['self-test-consumer'] });
    expect(log).toMatch(/> arn:aws:sts::111111111111:assumed-role\/build\/GitLabRunner-\d+-\d+ until/);
    expect(exitCode).toBe(0);
  });
});

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GitlabApiServer, startGitlabApi } from '../../../sandbox/gitlab-api.ts';
import { defaultProjects, type SandboxProject } from '../../../sandbox/gitlab-projects.ts';
import { sandboxTokens } from '../../../sandbox/gitlab-tokens.ts';
import { findProject } from '../../../src/commands/setup/find-project.ts';
import type { SetupFlags } from '../../../src/commands/setup/setup-flags.ts';
import { fakeIo } from '../../support/fake-io.ts';
import { writeGlabConfig } from '../../support/setup-workplace.ts';

const instance = 'https://gitlab.example.com';
const none = {
  updateRole: false,
  provider: true,
  pipeline: true,
  component: 'x',
  componentVersion: '1',
  yes: false,
  run: false,
  format: 'text',
} as const;

let gitlab: GitlabApiServer | undefined;
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
});
afterEach(() => gitlab?.stop());

interface Given {
  readonly flags?: Partial<SetupFlags>;
  readonly path?: string;
  readonly project?: Partial<SandboxProject>;
  readonly token?: string;
  readonly answers?: readonly string[];
  readonly claims?: string;
}

/** Finds a project whose remote is on the sandbox's GitLab. */
async function find({
  flags,
  path = 'acme/shop',
  project,
  token,
  answers = [],
  claims = instance,
}: Given = {}) {
  const [shop, ...others] = defaultProjects;
  gitlab = await startGitlabApi({
    instance: claims,
    projects: [{ ...(shop as SandboxProject), ...project }, ...others],
  });
  writeGlabConfig(home, gitlab.url, token ?? sandboxTokens.maintainer.text);
  const left = [...answers];
  const io = {
    ...fakeIo({ HOME: home }),
    remotesOf: async () => new Map([['origin', `${instance}/${path}.git`]]),
    ask: async () => left.shift(),
  };
  return await findProject(io, { ...none, ...flags });
}

describe('findProject', () => {
  it('reads IDs, default branch and protection from GitLab', async () => {
    expect(await find()).toMatchObject({
      instance,
      path: 'acme/shop',
      projectId: '20',
      namespaceId: '72',
      branches: ['main'],
      tags: [],
      defaultBranch: 'main',
      pipelinePath: '.gitlab-ci.yml',
      isHere: true,
      notices: [],
      secrets: [sandboxTokens.maintainer.text],
    });
  });

  it.each([
    [
      'an unprotected branch',
      { flags: { branch: ['feature/cart'] } },
      /^The branch feature\/cart is not protected: everyone/,
    ],
    ['an unprotected tag', { flags: { tag: ['nightly'] } }, /^The tag nightly is not protected/],
    [
      'protection that is hidden',
      { token: sandboxTokens.developer.text },
      /does not show which branches are protected/,
    ],
    [
      'a sub of its own',
      { project: { subClaimComponents: ['project_id', 'ref_type', 'ref'] } },
      /have a sub of their own \(project_id, ref_type, ref\)/,
    ],
  ] as const)('says so for %s', async (_, given, notice) => {
    expect((await find(given as Given)).notices).toEqual(
      expect.arrayContaining([expect.stringMatching(notice)]),
    );
  });

  it.each(['/etc/pipeline.yml', '.git/x.yml', '../other.yml', 'x.yml@other/project', 'a b.yml'])(
    'has no pipeline to write for the path "%s"',
    async (ciConfigPath) => {
      expect((await find({ project: { ciConfigPath } })).pipelinePath).toBeUndefined();
    },
  );

  it.each([
    [{ projectId: '999' }, '--project-id', 'It is 20.'],
    [{ namespaceId: '1' }, '--namespace-id', 'It is 72.'],
  ])('refuses %j, which contradicts GitLab', async (flags, name, hint) => {
    await expect(find({ flags })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      problems: [{ name, hint }],
    });
  });

  it('refuses an instance that calls itself another, whose projects it could choose', async () => {
    await expect(find({ claims: 'https://gitlab.com' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(`${instance} calls itself https://gitlab.com`),
    });
  });

  it('says what is missing if GitLab does not show the project', async () => {
    await expect(find({ path: 'acme/none' })).rejects.toMatchObject({
      code: 'REFUSED',
      hint: expect.stringContaining("Without GitLab's API, set --branch."),
    });
  });

  it('needs no API if the flags say enough', async () => {
    const found = await find({ path: 'acme/none', flags: { branch: ['main'] } });
    expect(found).toMatchObject({ path: 'acme/none', branches: ['main'], projectId: undefined });
    expect(found.notices).toEqual([expect.stringContaining('GitLab could not be asked about the project')]);
  });

  it('needs a branch if the project is empty', async () => {
    await expect(find({ path: 'acme/empty' })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      problems: [{ name: '--branch', rule: 'must be set' }],
    });
  });

  it('asks on the terminal for what is missing', async () => {
    expect(await find({ path: 'acme/none', answers: ['trunk'] })).toMatchObject({ branches: ['trunk'] });
  });
});

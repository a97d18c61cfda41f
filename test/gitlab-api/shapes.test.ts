import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GitlabApiServer, startGitlabApi } from '../../sandbox/gitlab-api.ts';
import { sandboxTokens } from '../../sandbox/gitlab-tokens.ts';
import { readJobs, readPipeline, readStatus } from '../../src/gitlab-api/pipeline.ts';
import { readProject } from '../../src/gitlab-api/project.ts';
import { root } from '../support/run-program.ts';

interface Shape {
  readonly fields: Readonly<Record<string, string>>;
}

const { entities } = JSON.parse(readFileSync(join(root, 'test/fixtures/gitlab-api-shapes.json'), 'utf8')) as {
  entities: Readonly<Record<string, Shape>>;
};

const shape = (name: string): Shape => entities[name] ?? expect.fail(`no shape ${name}`);

type Json = Readonly<Record<string, unknown>>;

let server: GitlabApiServer;
beforeAll(async () => {
  server = await startGitlabApi({
    onPipeline: (pipeline) => pipeline.addJob('deploy', 'deploy').set('failed', 'script_failure'),
  });
});
afterAll(() => server.stop());

async function ask(path: string, token: string | undefined, init: RequestInit = {}): Promise<unknown> {
  const headers = {
    'content-type': 'application/json',
    ...(token !== undefined && { 'private-token': token }),
  };
  const answer = await fetch(`${server.url}/api/v4/${path}`, { ...init, headers });
  expect(answer.ok).toBe(true);
  return answer.json();
}

const asMaintainer = (path: string, init?: RequestInit) => ask(path, sandboxTokens.maintainer.text, init);

const startPipeline = async () =>
  (await asMaintainer('projects/20/pipeline', { method: 'POST', body: '{"ref":"main"}' })) as Json;

const first = async (list: Promise<unknown>) =>
  ((await list) as readonly Json[])[0] ?? expect.fail('an empty list');

/** The sandbox's responses, and GitLab's names of their types. */
const responses: readonly (readonly [entity: string, response: () => Promise<unknown>])[] = [
  ['ProjectWithAccess', () => asMaintainer('projects/20')],
  ['BasicProjectDetails', () => ask('projects/21', undefined)],
  ['BasicProjectDetails', async () => ((await asMaintainer('projects/23')) as Json).forked_from_project],
  ['NamespaceBasic', async () => ((await asMaintainer('projects/20')) as Json).namespace],
  ['ProtectedBranch', () => first(asMaintainer('projects/20/protected_branches'))],
  ['ProtectedTag', () => first(asMaintainer('projects/20/protected_tags'))],
  ['RepositoryFile', () => asMaintainer('projects/20/repository/files/.gitlab-ci.yml?ref=main')],
  ['CiPipelineWithMetadata', startPipeline],
  ['CiPipelineWithMetadata', async () => asMaintainer(`projects/20/pipelines/${(await startPipeline()).id}`)],
  ['CiJob', jobOf],
  ['CiPipelineBasic', async () => (await jobOf()).pipeline],
  ['Commit', async () => (await jobOf()).commit],
];

async function jobOf(): Promise<Json> {
  return first(asMaintainer(`projects/20/pipelines/${(await startPipeline()).id}/jobs`));
}

const typeOf = (value: unknown) =>
  Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;

describe('the sandbox', () => {
  it.each(responses)('answers with a %s as GitLab describes it', async (entity, response) => {
    const value = (await response()) as Json;
    const { fields } = shape(entity);
    for (const [name, content] of Object.entries(value)) {
      expect(fields, `${entity}.${name}`).toHaveProperty(name);
      if (content === null) continue;
      const allowed = fields[name] === 'number' ? ['number', 'integer'] : [fields[name]];
      expect(allowed, `${entity}.${name}`).toContain(typeOf(content));
    }
    // whole objects, not just what the program reads
    expect(Object.keys(value).length).toBeGreaterThan(Object.keys(fields).length / 2);
  });
});

/** The object, and the names of the fields that were read from it. */
function watched(value: Json): { readonly object: Json; readonly read: Set<string> } {
  const read = new Set<string>();
  const object = new Proxy(value, {
    getOwnPropertyDescriptor(target, name) {
      read.add(String(name));
      return Reflect.getOwnPropertyDescriptor(target, name);
    },
  });
  return { object, read };
}

describe('the program', () => {
  it.each([
    ['ProjectWithAccess', (value: Json) => readProject(value, true), 20],
    ['BasicProjectDetails', (value: Json) => readProject(value, false), 21],
  ] as const)('reads of a %s only what GitLab describes', async (entity, reader, id) => {
    const { object, read } = watched((await asMaintainer(`projects/${id}`)) as Json);
    reader(object);
    const settings = ['ci_config_path', 'forked_from_project', 'ci_id_token_sub_claim_components'];
    const described = Object.keys(shape(entity).fields);
    const others = entity === 'BasicProjectDetails' ? settings : [];
    expect([...read].filter((name) => !described.includes(name) && !others.includes(name))).toEqual([]);
    expect(read.size).toBeGreaterThan(5);
  });

  it('reads of pipelines and jobs only what GitLab describes', async () => {
    const pipeline = watched(await startPipeline());
    readPipeline(pipeline.object);
    readStatus(pipeline.object);
    expect(Object.keys(shape('CiPipelineWithMetadata').fields)).toEqual(
      expect.arrayContaining([...pipeline.read]),
    );
    const job = watched(await jobOf());
    readJobs([job.object]);
    expect(Object.keys(shape('CiJob').fields)).toEqual(expect.arrayContaining([...job.read]));
    expect(job.read).toContain('failure_reason');
  });
});

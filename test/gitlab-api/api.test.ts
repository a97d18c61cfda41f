import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeCertificate } from '../../sandbox/certificate.ts';
import type { Fault } from '../../sandbox/faults.ts';
import { type GitlabApiOptions, type GitlabApiServer, startGitlabApi } from '../../sandbox/gitlab-api.ts';
import type { SandboxPipeline } from '../../sandbox/gitlab-pipelines.ts';
import { defaultProjects } from '../../sandbox/gitlab-projects.ts';
import { type SandboxToken, sandboxTokens } from '../../sandbox/gitlab-tokens.ts';
import { AwsOidcError } from '../../src/errors.ts';
import { createGitlabApi, type GitlabApi } from '../../src/gitlab-api/api.ts';
import type { FoundToken } from '../../src/gitlab-api/token.ts';
import type { RetryLimits } from '../../src/network/retry.ts';
import { createAgents } from '../../src/network/transport.ts';
import { listen } from '../support/byte-server.ts';
import { startProxy } from '../support/proxy.ts';

const limits: RetryLimits = { deadlineMs: 1500, attemptMs: 400, firstPauseMs: 5, maxPauseMs: 20 };

let server: GitlabApiServer;
const start = async (options?: GitlabApiOptions) => {
  await server?.stop();
  server = await startGitlabApi(options);
};
beforeEach(() => {
  vi.stubEnv('NO_PROXY', '*');
  return start();
});
afterEach(() => {
  vi.unstubAllEnvs();
  return server.stop();
});

const found = ({ text, kind }: SandboxToken, source = 'GITLAB_TOKEN'): FoundToken => ({ text, kind, source });

function api(token: SandboxToken | undefined = sandboxTokens.maintainer, url = server.url): GitlabApi {
  return createGitlabApi({ instance: url, token: token && found(token), agents: {}, limits });
}

const anonymous = () => createGitlabApi({ instance: server.url, token: undefined, agents: {}, limits });

/** The error of a request, which never shows a token or what the server sent. */
async function failure(request: Promise<unknown>): Promise<AwsOidcError> {
  const error = await request.then(
    (value) => expect.fail(`it worked: ${JSON.stringify(value)}`),
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(AwsOidcError);
  const shown = `${error.message} ${error.hint} ${error.cause} ${error.stack} ${JSON.stringify(error)}`;
  for (const { text } of Object.values(sandboxTokens)) expect(shown).not.toContain(text);
  expect(shown).not.toMatch(/canary|<h1>|DOCTYPE/);
  return error;
}

const fail = (fault: Fault, times = 1) => server.faults.plan(fault, times);

describe('a project', () => {
  it('is read with everything that the command needs', async () => {
    expect(await api().project('acme/shop')).toEqual({
      id: 20,
      path: 'acme/shop',
      namespaceId: 72,
      defaultBranch: 'main',
      visibility: 'private',
      webUrl: `${server.url}/acme/shop`,
      instance: server.url,
      ciConfigPath: undefined,
      forkedFrom: undefined,
      subClaimComponents: ['project_path', 'ref_type', 'ref'],
    });
  });

  it('is read without a token if it is public', async () => {
    expect(await anonymous().project('acme/website')).toMatchObject({ id: 21, visibility: 'public' });
    expect(server.requests).toEqual([
      { method: 'GET', path: '/api/v4/projects/acme%2Fwebsite', authentication: undefined },
    ]);
  });

  it('has the settings of a subgroup’s project, a fork and an empty repository', async () => {
    expect(await api().project('acme/platform/network/dns')).toMatchObject({
      namespaceId: 75,
      defaultBranch: 'trunk',
      visibility: 'internal',
      ciConfigPath: 'ci/pipeline.yml',
      subClaimComponents: ['project_id', 'ref_type', 'ref'],
    });
    expect(await api().project('jane/website')).toMatchObject({ forkedFrom: 'acme/website' });
    expect((await api().project('acme/empty')).defaultBranch).toBeUndefined();
  });

  it('does not show its subject to a developer', async () => {
    expect((await api(sandboxTokens.developer).project('acme/shop')).subClaimComponents).toBeUndefined();
  });

  it('has GitLab’s spelling and GitLab’s own address', async () => {
    await start({ instance: 'https://gitlab.example.com:8443/gitlab' });
    expect(await api().project('ACME/Shop')).toMatchObject({
      path: 'acme/shop',
      instance: 'https://gitlab.example.com:8443/gitlab',
    });
  });

  it('that has moved is named with its new path', async () => {
    const { code, message, hint } = await failure(api().project('acme/old-shop'));
    expect([code, message]).toEqual(['REFUSED', 'The project acme/old-shop has moved to acme/shop.']);
    expect(hint).toBe(
      `Change the remote with "git remote set-url" to the address shown at ${server.url}/acme/shop, then run the command again: ID tokens contain the new path.`,
    );
  });

  it.each([
    ['does not exist', sandboxTokens.maintainer, 'acme/nothing'],
    ['is private', sandboxTokens.stranger, 'acme/shop'],
  ])('that %s is not found', async (_, token, path) => {
    const { code, message, hint } = await failure(api(token).project(path));
    expect([code, message]).toEqual([
      'REFUSED',
      `${new URL(server.url).host} does not show the project ${path}: it does not exist, or it is private.`,
    ]);
    expect(hint).toBe(
      'Check the spelling. If it is private, the user, project or group of the token in GITLAB_TOKEN must be a member of the project.',
    );
  });

  it.each([
    ['leads elsewhere', '../users'],
    ['is a single name', '..'],
    ['has a query', 'acme/shop?x=1'],
    ['has a control character', 'acme/\x1b[2Jshop'],
  ])('is not requested if its path %s', async (_, path) => {
    const { code, message } = await failure(api().project(path));
    expect([code, message]).toEqual(['INVALID_INPUT', 'The path of the project is invalid.']);
    expect(server.requests).toEqual([]);
  });

  it('that is private is not found without a token, and the hint says how to get one', async () => {
    const { host } = new URL(server.url);
    expect((await failure(anonymous().project('acme/shop'))).hint).toBe(
      `Check the spelling. If it is private: Create a personal access token with the scope read_api at ${server.url}/-/user_settings/personal_access_tokens, or a project access token with this scope and the Reporter role, and set GITLAB_TOKEN to it and GITLAB_HOST to ${host}.`,
    );
  });
});

describe('the token', () => {
  it.each([
    [sandboxTokens.maintainer, 'private-token'],
    [sandboxTokens.oauth, 'authorization'],
  ])('$kind is sent in its header', async (token, authentication) => {
    await api(token).project('acme/shop');
    expect(server.requests).toEqual([expect.objectContaining({ authentication })]);
  });

  it.each([
    ['expired', 'has expired'],
    ['revoked', 'is revoked'],
    [undefined, 'is not valid'],
  ] as const)('that is %s is named, with what to do', async (state, why) => {
    const token = state === undefined ? { ...sandboxTokens.expired, text: 'canary-x' } : sandboxTokens[state];
    const { host } = new URL(server.url);
    const { code, message, hint } = await failure(api(token).project('acme/shop'));
    expect([code, message]).toEqual(['REFUSED', `The token in GITLAB_TOKEN ${why}, according to ${host}.`]);
    expect(hint).toMatch(/^Create a personal access token with the scope read_api at http/);
  });

  it('of glab is renewed with glab', async () => {
    const token = found(sandboxTokens.expired, '/home/jane/.config/glab-cli/config.yml');
    const { message, hint } = await failure(
      createGitlabApi({ instance: server.url, token, agents: {}, limits }).project('acme/shop'),
    );
    expect(message).toContain('The token in /home/jane/.config/glab-cli/config.yml has expired');
    expect(hint).toContain(`Or run: glab auth login --hostname ${new URL(server.url).host}`);
  });

  it('without a scope is told which one it needs', async () => {
    const { message, hint } = await failure(api(sandboxTokens.readOnly).startPipeline(20, 'main'));
    expect(message).toBe('The token in GITLAB_TOKEN lacks a scope that is needed to start a pipeline.');
    expect(hint).toContain('with the scope api');
    expect((await failure(api(sandboxTokens.repository).project('acme/shop'))).hint).toContain(
      'scope read_api',
    );
  });

  it('without a role is told which one it needs', async () => {
    const { message, hint } = await failure(api(sandboxTokens.reporter).startPipeline(20, 'main'));
    expect(message).toBe('The token in GITLAB_TOKEN is not permitted to start a pipeline.');
    expect(hint).toContain('the Developer role or higher');
  });

  it('is missing', async () => {
    const { message, hint } = await failure(anonymous().startPipeline(21, 'main'));
    expect(message).toBe(`${new URL(server.url).host} requires a token to start a pipeline.`);
    expect(hint).toContain('with the scope api');
  });

  it.each([
    ['to another host', 'http://other.example.com/api/v4/projects/20', 'redirects to other.example.com'],
    ['to a login page', '/users/sign_in', 'redirects to another page'],
    ['to nowhere', 'http://', 'redirects to another page'],
  ])('is not sent %s', async (_, location, what) => {
    fail({ kind: 'status', status: 302, location });
    const { code, message, hint } = await failure(api().project('acme/shop'));
    expect([code, message]).toEqual([
      'REFUSED',
      `${new URL(server.url).host} ${what}. The token was not sent there.`,
    ]);
    expect(hint).toContain('set GITLAB_HOST');
    expect(server.requests).toHaveLength(1);
  });

  it('is not sent to another server that the instance redirects to', async () => {
    const other = await startGitlabApi();
    fail({ kind: 'status', status: 301, location: `${other.url}/api/v4/projects/20` });
    await failure(api().project('acme/shop'));
    expect(other.requests).toEqual([]);
    await other.stop();
  });

  it.each(['http://gitlab.example.com', 'http://localhost.example.com'])(
    'is not sent to %s, which has no TLS',
    (instance) => {
      const create = (options: object) => () =>
        createGitlabApi({ instance, token: found(sandboxTokens.maintainer), agents: {}, limits, ...options });
      const { host } = new URL(instance);
      const expected = {
        code: 'INVALID_INPUT',
        message: `${host} is used without TLS, so no token is sent to it.`,
      };
      expect(create({})).toThrow(expect.objectContaining(expected));
      expect(create({ instance: 'https://gitlab.example.com', apiUrl: instance })).toThrow(
        expect.objectContaining(expected),
      );
    },
  );
});

describe('protected branches and tags', () => {
  it('are listed with their wildcards', async () => {
    expect(await api().protectedBranches(20)).toEqual([{ name: 'main' }, { name: 'release/*' }]);
    expect(await api().protectedTags(20)).toEqual([{ name: 'v*' }]);
    expect(await api().protectedTags(21)).toEqual([]);
  });

  it('are listed from all pages', async () => {
    const names = Array.from({ length: 250 }, (_, index) => `release/${index}`);
    const [shop] = defaultProjects;
    await start({ projects: [{ ...shop!, protectedBranches: names }] });
    expect((await api().protectedBranches(20))?.map(({ name }) => name)).toEqual(names);
    expect(server.requests.map(({ path }) => path)).toEqual([
      '/api/v4/projects/20/protected_branches?per_page=100',
      '/api/v4/projects/20/protected_branches?page=2&per_page=100',
      '/api/v4/projects/20/protected_branches?page=3&per_page=100',
    ]);
    expect(server.requests.every(({ authentication }) => authentication === 'private-token')).toBe(true);
  });

  it.each([
    ['a developer', sandboxTokens.developer],
    ['a stranger', sandboxTokens.stranger],
  ])('are unknown to %s', async (_, token) => {
    expect(await api(token).protectedBranches(20)).toBeUndefined();
    expect(await api(token).protectedTags(20)).toBeUndefined();
  });

  it('are unknown without a token, but not with a wrong one', async () => {
    expect(await anonymous().protectedBranches(21)).toBeUndefined();
    expect((await failure(api(sandboxTokens.revoked).protectedBranches(21))).message).toContain('is revoked');
  });

  it('do not fill the memory with endless pages', async () => {
    let count = 0;
    const endless = await listen((socket) =>
      socket.on('data', () => {
        count++;
        const link = '<http://x/?page=2>; rel="next"';
        const body = '[{"name":""}]';
        socket.write(
          `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLink: ${link}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        );
      }),
    );
    const { message } = await failure(
      api(sandboxTokens.maintainer, `http://127.0.0.1:${endless.port}`).protectedBranches(20),
    );
    expect(message).toContain('responds with a list of more than 50 pages');
    expect(count).toBe(50);
    endless.stop();
  });
});

describe('a file', () => {
  it('is read from a branch', async () => {
    expect(await api().fileOnBranch(20, '.gitlab-ci.yml', 'feature/cart')).toContain('deploy:');
    expect(await api().fileOnBranch(20, 'docs/read me.md', 'main')).toBe('# Shop\n');
    expect(await api(sandboxTokens.repository).fileOnBranch(20, 'docs/read me.md', 'main')).toBe('# Shop\n');
  });

  it.each([
    ['the file', 'nothing.yml', 'main'],
    ['the branch', '.gitlab-ci.yml', 'nothing'],
    ['a path that leads elsewhere', '..', 'main'],
  ])('is undefined without %s', async (_, path, ref) => {
    expect(await api().fileOnBranch(20, path, ref)).toBeUndefined();
  });

  it('of an unknown project is an error', async () => {
    expect(
      (await failure(api(sandboxTokens.stranger).fileOnBranch(20, '.gitlab-ci.yml', 'main'))).message,
    ).toMatch(/does not show the project/);
  });
});

describe('a pipeline', () => {
  it('is started, and followed to its end', async () => {
    let pipeline: SandboxPipeline | undefined;
    await start({
      onPipeline: (started) => {
        pipeline = started;
        started.addJob('build', 'build');
        started.addJob('deploy', 'deploy');
      },
    });
    const { id, webUrl } = await api().startPipeline(20, 'main');
    expect([id, webUrl]).toEqual([574, `${server.url}/acme/shop/-/pipelines/574`]);
    expect(await api().pipelineStatus(20, id)).toBe('created');
    pipeline?.jobs[0]?.set('success');
    expect(await api().pipelineStatus(20, id)).toBe('running');
    pipeline?.jobs[1]?.set('failed', 'runner_system_failure');
    expect(await api().pipelineStatus(20, id)).toBe('failed');
    expect(await api().jobs(20, id)).toEqual([
      {
        name: 'build',
        status: 'success',
        webUrl: `${server.url}/acme/shop/-/jobs/57400`,
        failureReason: undefined,
      },
      {
        name: 'deploy',
        status: 'failed',
        webUrl: `${server.url}/acme/shop/-/jobs/57401`,
        failureReason: 'runner_system_failure',
      },
    ]);
  });

  it('succeeds after a while', async () => {
    const { id } = await api().startPipeline(20, 'v1.0.0');
    await vi.waitFor(async () => expect(await api().pipelineStatus(20, id)).toBe('success'));
  });

  it('lists more than one page of jobs', async () => {
    await start({
      onPipeline: (started) => {
        for (let index = 0; index < 120; index++) started.addJob(`job ${index}`);
      },
    });
    const { id } = await api().startPipeline(20, 'main');
    expect(await api().jobs(20, id)).toHaveLength(120);
  });

  it.each([
    ['no branch', 20, 'nothing', 'GitLab does not have this branch or tag.'],
    ['no configuration', 24, 'main', 'GitLab does not have this branch or tag.'],
  ])('is not started with %s', async (_, project, ref, expected) => {
    const { code, message } = await failure(api().startPipeline(project, ref));
    expect([code, message]).toEqual(['REFUSED', expected]);
  });

  it.each([
    ['Missing CI config file', /found no pipeline configuration/],
    ['Missing .gitlab-ci.yml file', /found no pipeline configuration/],
    ['No stages / jobs for this pipeline.', /leave no job/],
    ['The resulting pipeline would have been empty. Review the rules configuration.', /leave no job/],
    [
      'Pipeline will not run for the selected trigger. The rules configuration prevented any jobs',
      /leave no job/,
    ],
    ['Pipeline filtered out by workflow rules.', /leave no job/],
    ['Insufficient permissions to create a new pipeline', /may not start a pipeline/],
    ["You do not have sufficient permission to run a pipeline on 'main'.", /may not start a pipeline/],
    ['Insufficient permissions to set pipeline variables', /inputs or variables/],
    ['Identity verification is required in order to run CI jobs', /requires a verification/],
    ['jobs:deploy config contains unknown keys: canary', /probably invalid/],
  ])('that GitLab refuses with "%s" is explained', async (says, expected) => {
    fail({ kind: 'garbage', status: 400, body: JSON.stringify({ message: { base: [says] } }) });
    const { message, hint } = await failure(api().startPipeline(20, 'main'));
    expect(message).toMatch(expected);
    expect(hint).toMatch(/\.$/);
  });

  it.each([
    ['a status', { kind: 'status', status: 503 }],
    ['a reset', { kind: 'reset', when: 'before-answer' }],
    ['a limit', { kind: 'status', status: 429, retryAfter: '0' }],
  ] as const)('is not started twice after %s', async (_, fault) => {
    fail(fault);
    expect((await failure(api().startPipeline(20, 'main'))).code).toBe('UNAVAILABLE');
    expect(server.requests).toHaveLength(1);
  });
});

describe('a temporary failure', () => {
  it.each([
    ['502', { kind: 'status', status: 502 }],
    ['503', { kind: 'status', status: 503, retryAfter: '0' }],
    ['504', { kind: 'status', status: 504 }],
    ['429', { kind: 'status', status: 429, retryAfter: '0' }],
    ['a reset', { kind: 'reset', when: 'before-answer' }],
    ['a reset in the middle', { kind: 'reset', when: 'during-answer' }],
    ['no response', { kind: 'delay', ms: 600 }],
  ] as const)('is overcome: %s', async (_, fault) => {
    fail(fault);
    expect((await api().project('acme/shop')).id).toBe(20);
    expect(server.requests).toHaveLength(2);
  });

  it('that lasts is reported', async () => {
    fail({ kind: 'status', status: 503 }, 1000);
    const { code, message, hint } = await failure(api().project('acme/shop'));
    expect([code, message]).toEqual([
      'UNAVAILABLE',
      `${new URL(server.url).host} responds with status 503: it is not available.`,
    ]);
    expect(hint).toBe('Try again later.');
    expect(server.requests.length).toBeGreaterThan(5);
  });

  it('waits as long as GitLab asks', async () => {
    fail({ kind: 'status', status: 429, retryAfter: '1' });
    const started = performance.now();
    await api().project('acme/shop');
    expect(performance.now() - started).toBeGreaterThan(990);
  });

  it('is reported at once if GitLab asks for more time than there is', async () => {
    await start({ requestsPerMinute: 1 });
    await api().project('acme/shop');
    const { code, message, hint } = await failure(api().project('acme/shop'));
    expect([code, message]).toEqual([
      'UNAVAILABLE',
      `${new URL(server.url).host} refuses further requests: its rate limit is reached.`,
    ]);
    expect(hint).toMatch(/^Try again in (5\d|60|61) s\.$/);
    expect(server.requests).toHaveLength(2);
  });

  it('that only the headers of the limit explain is reported, too', async () => {
    const reset = Math.ceil(Date.now() / 1000) + 300;
    const limited = await listen((socket) =>
      socket.once('data', () =>
        socket.end(
          `HTTP/1.1 429 Too Many Requests\r\nRateLimit-Reset: ${reset}\r\nContent-Length: 0\r\n\r\n`,
        ),
      ),
    );
    const { hint } = await failure(
      api(sandboxTokens.maintainer, `http://127.0.0.1:${limited.port}`).project('acme/shop'),
    );
    expect(hint).toMatch(/^Try again in (29\d|30\d) s\.$/);
    limited.stop();
  });

  it('of GitLab itself is not repeated', async () => {
    fail({ kind: 'error', error: 'internalFailure' });
    expect((await failure(api().project('acme/shop'))).message).toContain('responds with status 500');
    expect(server.requests).toHaveLength(1);
  });
});

describe('a response that is not GitLab’s', () => {
  const body = JSON.stringify({ id: 20, canary: 'x' });

  it.each([
    ['an HTML page', { kind: 'content-type', contentType: 'text/html' }, 'an HTML page'],
    ['a login page', { kind: 'status', status: 200 }, 'an HTML page'],
    ['a proxy’s error', { kind: 'status', status: 403 }, 'status 403 and an HTML page'],
    ['another server’s 404', { kind: 'status', status: 404 }, 'status 404 and an HTML page'],
    ['a plain text', { kind: 'content-type', contentType: 'text/plain' }, 'a document that is not JSON'],
    ['half a document', { kind: 'truncate' }, 'invalid JSON'],
    ['another error', { kind: 'garbage', status: 404, body: '{"canary":1}' }, 'status 404 and JSON'],
  ] as const)('is reported: %s', async (_, fault, what) => {
    fail(fault);
    const { code, message, hint } = await failure(api().project('acme/shop'));
    const { host } = new URL(server.url);
    expect([code, message]).toEqual(['REFUSED', `${host} responds with ${what}, which is not GitLab's API.`]);
    expect(hint).toContain(`Check that ${host} is a GitLab instance.`);
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['a list', '[]', 'the response is not an object'],
    ['null', 'null', 'the response is not an object'],
    ['a missing field', body, '"path_with_namespace" is missing'],
    [
      'an odd path',
      '{"id":1,"path_with_namespace":"../canary"}',
      '"path_with_namespace" is not a project path',
    ],
    [
      'a script as the address',
      `{"path_with_namespace":"a/b","web_url":"javascript:canary"}`,
      '"web_url" is not a web address',
    ],
    [
      'a text as the ID',
      `{"path_with_namespace":"a/b","web_url":"https://x/a/b","visibility":"public","id":"canary"}`,
      '"id" is not a positive integer',
    ],
    [
      'another visibility',
      `{"path_with_namespace":"a/b","web_url":"https://x/a/b","visibility":"canary"}`,
      '"visibility" is not public or internal or private',
    ],
    [
      'no visibility',
      `{"path_with_namespace":"a/b","web_url":"https://x/a/b","id":1}`,
      '"visibility" is missing',
    ],
  ])('is reported: %s', async (_, text, what) => {
    fail({ kind: 'garbage', body: text });
    const { code, message } = await failure(api().project('acme/shop'));
    const { host } = new URL(server.url);
    expect([code, message]).toEqual([
      'REFUSED',
      `The response of ${host} is not as GitLab documents it: ${what}.`,
    ]);
  });

  it.each([
    ['jobs', (client: GitlabApi) => client.jobs(20, 1), '{}', 'the response is not a list'],
    ['jobs', (client: GitlabApi) => client.jobs(20, 1), '[1]', 'the response is not an object'],
    ['jobs', (client: GitlabApi) => client.jobs(20, 1), '[{"name":1}]', '"name" is not a string'],
    ['branches', (client: GitlabApi) => client.protectedBranches(20), '[{}]', '"name" is missing'],
    [
      'a file',
      (client: GitlabApi) => client.fileOnBranch(20, 'a', 'b'),
      '{"encoding":"text"}',
      '"encoding" is not base64',
    ],
    [
      'a pipeline',
      (client: GitlabApi) => client.startPipeline(20, 'main'),
      '{"id":-1}',
      '"id" is not a positive integer',
    ],
    [
      'a status',
      (client: GitlabApi) => client.pipelineStatus(20, 1),
      '{"status":null}',
      '"status" is missing',
    ],
  ] as const)('is reported for %s', async (_, request, text, what) => {
    fail({ kind: 'garbage', body: text });
    expect((await failure(request(api()))).message).toContain(what);
  });

  it('is read up to 1 MiB', async () => {
    const path = 'acme/shop';
    const start = { id: 20, path_with_namespace: path, web_url: `https://x/${path}`, visibility: 'public' };
    const project = JSON.stringify({ ...start, namespace: { id: 1 } });
    fail({ kind: 'garbage', body: project.padEnd(1_048_576) });
    expect((await api().project(path)).id).toBe(20);
    fail({ kind: 'garbage', body: project.padEnd(1_048_577) });
    expect((await failure(api().project(path))).message).toContain('a response of more than 1 MiB');
  });

  it('ends at the deadline, even if it comes byte by byte', async () => {
    fail({ kind: 'drip' }, 100);
    const { code, message } = await failure(api().project('acme/shop'));
    expect([code, message]).toEqual([
      'UNAVAILABLE',
      expect.stringMatching(/cannot be reached \(ETIMEDOUT\)/),
    ]);
  });

  it('is another protocol', async () => {
    const ssh = await listen((socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n'));
    expect(
      (await failure(api(sandboxTokens.maintainer, `http://127.0.0.1:${ssh.port}`).project('a/b'))).message,
    ).toContain('a response that is not HTTP');
    ssh.stop();
  });
});

describe('the connection', () => {
  const attempt = async (instance: string, ca?: string) =>
    createGitlabApi({
      instance,
      token: found(sandboxTokens.maintainer),
      agents: await createAgents(new URL(instance), ca),
      limits,
    }).project('acme/shop');

  it('uses TLS, and verifies the certificate', async () => {
    const certificate = await makeCertificate();
    await start({ certificate });
    expect((await attempt(server.url, certificate.cert)).id).toBe(20);
    const { code, message, hint } = await failure(attempt(server.url));
    expect([code, message]).toEqual([
      'UNTRUSTED_CONNECTION',
      expect.stringMatching(
        /^The TLS connection to 127\.0\.0\.1:\d+ is not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)\.$/,
      ),
    ]);
    expect(hint).toContain('NODE_EXTRA_CA_CERTS');
    expect(server.requests).toHaveLength(1);
  });

  it('goes through a proxy', async () => {
    const certificate = await makeCertificate('gitlab.example.com');
    await start({ certificate });
    const proxy = await startProxy('pass-word', new URL(server.url));
    vi.stubEnv('NO_PROXY', '');
    vi.stubEnv('HTTPS_PROXY', proxy.url);
    expect((await attempt('https://gitlab.example.com', certificate.cert)).id).toBe(20);
    expect(proxy.asked).toEqual(['CONNECT gitlab.example.com:443']);
    proxy.stop();
  });

  it('fails if the proxy refuses', async () => {
    const proxy = await startProxy('pass-word');
    vi.stubEnv('NO_PROXY', '');
    vi.stubEnv('HTTPS_PROXY', proxy.url.replace('pass-word', 'wrong'));
    const { code, message, hint } = await failure(attempt('https://gitlab.example.com'));
    expect([code, message]).toEqual(['UNAVAILABLE', 'gitlab.example.com cannot be reached (HTTP 407).']);
    expect(hint).toContain('HTTPS_PROXY');
    proxy.stop();
  });

  it('fails if there is no such host', async () => {
    const { code, message, hint } = await failure(attempt('https://gitlab.invalid'));
    expect(code).toBe('UNAVAILABLE');
    expect(message).toMatch(
      /^(The host gitlab\.invalid was not found \(ENOTFOUND\)|gitlab\.invalid cannot be reached \(EAI_AGAIN\))\.$/,
    );
    expect(hint).toMatch(/alias of your SSH configuration|Check the network/);
  });

  it('fails if nothing is there, at once', async () => {
    const { url } = server;
    await server.stop();
    const started = performance.now();
    const { message } = await failure(attempt(url));
    expect(message).toMatch(/cannot be reached \(ECONNREFUSED\)/);
    expect(performance.now() - started).toBeLessThan(500);
  });

  it('goes to the address of the API, if it is another one', async () => {
    const api = createGitlabApi({
      instance: 'https://gitlab.example.com',
      apiUrl: server.url,
      token: found(sandboxTokens.maintainer),
      agents: {},
      limits,
    });
    expect((await api.project('acme/shop')).id).toBe(20);
  });
});

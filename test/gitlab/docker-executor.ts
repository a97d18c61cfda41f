import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify, stripVTControlCharacters } from 'node:util';

/** What the runner asked its Docker Engine for, before it ran a job. */
export interface Pulled {
  readonly trace: string;
  /** The images that it pulled, and the answers of the registries. */
  readonly pulls: readonly { readonly image: string; readonly outcome: 'pulled' | 'denied' }[];
}

/**
 * Lets the real runner prepare a job with its Docker executor: it finds the credentials for the image in the job's
 * variables, and asks a Docker Engine to pull it. The engine here is a server that pulls with skopeo; it runs no
 * container, so every job fails after that.
 *
 * @param env the environment in which skopeo reaches the registry
 */
export async function pullInRunner(
  image: string,
  variables: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): Promise<Pulled> {
  const directory = mkdtempSync(join(tmpdir(), 'docker-executor-'));
  const engine = await startEngine(env);
  const gitlab = await startGitlab(image, variables);
  const configuration = join(directory, 'config.toml');
  writeFileSync(
    configuration,
    `concurrent = 1
check_interval = 1
shutdown_timeout = 0
[[runners]]
  name = "docker"
  url = "${gitlab.url}"
  id = 1
  token = "glrt-fake-token-of-the-runner"
  executor = "docker"
  [runners.docker]
    host = "tcp://127.0.0.1:${engine.port}"
    image = "alpine"
    helper_image = "${helper}"
    pull_policy = "always"
    disable_cache = true
`,
  );
  const runner = spawn(runnerBinary(), ['run', '--config', configuration, '--working-directory', directory], {
    env: { PATH: '/usr/bin:/bin', HOME: directory },
    stdio: 'ignore',
  });
  const stopped = new Promise<string>((resolve) => runner.on('exit', () => resolve('the runner stopped')));
  const trace = await Promise.race([gitlab.finished, stopped]);
  runner.kill();
  engine.stop();
  gitlab.stop();
  return { trace: stripVTControlCharacters(trace), pulls: engine.pulls };
}

/** The image with the runner's own program, which the engine pretends to have. */
const helper = 'helper:1';

/** The runner that `pipeline` unpacks. */
function runnerBinary(): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const name = readdirSync(cache).find((one) => /^gitlab-runner-[\d.]+$/.test(one));
  if (name === undefined) throw new Error(`no gitlab-runner in ${cache}: run "pipeline" once`);
  return join(cache, name);
}

/** The part of GitLab's API that hands one job to a runner. */
async function startGitlab(image: string, variables: Readonly<Record<string, string>>) {
  let handed = false;
  let trace = '';
  let finish: (trace: string) => void;
  const finished = new Promise<string>((resolve) => {
    finish = resolve;
  });
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { url = '', method } = request;
    const answer = (status: number, content?: object) =>
      response
        .writeHead(status, { 'content-type': 'application/json', 'Job-Status': 'running' })
        .end(content && JSON.stringify(content));
    if (url === '/api/v4/jobs/request' && !handed) {
      handed = true;
      return answer(201, jobFor(image, variables));
    }
    if (url === '/api/v4/jobs/request') return answer(204);
    if (method === 'PATCH') {
      trace += body;
      // the engine has no containers, and trying again changes nothing
      if (body.includes('Will be retried')) finish(trace);
      return response.writeHead(202, { 'Job-Status': 'running', Range: `0-${trace.length}` }).end();
    }
    answer(200);
    if (/"state":"(success|failed)"/.test(body)) finish(trace);
  });
  return { url: await listen(server), finished, stop: () => server.close() };
}

function jobFor(image: string, variables: Readonly<Record<string, string>>) {
  return {
    id: 1,
    token: 'glcbt-fake',
    job_info: { id: 1, name: 'build', stage: 'build', project_id: 20, project_name: 'app' },
    git_info: {
      repo_url: 'http://127.0.0.1:9/acme/shop.git',
      ref: 'main',
      sha: 'a'.repeat(40),
      refspecs: [],
    },
    runner_info: { timeout: 60 },
    variables: Object.entries(variables).map(([key, value]) => ({ key, value, public: true })),
    steps: [{ name: 'script', script: ['true'], timeout: 60, when: 'on_success' }],
    image: { name: image },
    features: {},
  };
}

/**
 * As much of Docker's API as the runner needs to pull images.
 * https://docs.docker.com/reference/api/engine/version/v1.43/
 */
async function startEngine(env: Readonly<Record<string, string>>) {
  const pulls: { image: string; outcome: 'pulled' | 'denied' }[] = [];
  const server = createServer(async (request, response) => {
    await text(request);
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://engine');
    const path = pathname.replace(/^\/v[\d.]+/, '');
    const answer = (status: number, content: object) =>
      response
        .writeHead(status, { 'content-type': 'application/json', 'Api-Version': '1.43' })
        .end(JSON.stringify(content));
    if (path === '/_ping') return answer(200, {});
    if (path === '/version') return answer(200, { Version: '24.0.0', ApiVersion: '1.43' });
    if (path === '/info')
      return answer(200, { OSType: 'linux', Architecture: 'x86_64', ServerVersion: '24.0.0' });
    if (path === '/images/create') {
      const image = `${searchParams.get('fromImage')}:${searchParams.get('tag')}`;
      if (image === helper) return answer(200, { status: 'pulled' });
      const outcome = await pull(image, String(request.headers['x-registry-auth'] ?? ''), env);
      pulls.push({ image, outcome });
      return outcome === 'pulled'
        ? answer(200, { status: 'pulled' })
        : answer(404, { message: 'pull access denied' });
    }
    // before it pulls the image, the runner creates a volume, and sets its permissions in a container of the helper image
    const answers =
      pulls.length === 0 ? preparation.find(([of]) => of.test(`${request.method} ${path}`)) : undefined;
    if (answers !== undefined) return answer(...answers[1]);
    const [, name] = /^\/images\/(.+)\/json$/.exec(path) ?? [];
    const isPulled =
      name === helper || pulls.some(({ image, outcome }) => image === name && outcome === 'pulled');
    if (isPulled) return answer(200, { Id: 'sha256:0123', RepoDigests: [name] });
    return answer(404, { message: 'not here' });
  });
  const url = await listen(server);
  return { port: new URL(url).port, pulls, stop: () => server.close() };
}

const preparation: readonly (readonly [
  request: RegExp,
  answer: readonly [status: number, content: object],
])[] = [
  [/^POST \/volumes\/create$/, [201, { Name: 'builds' }]],
  [/^POST \/containers\/create$/, [201, { Id: 'permissions' }]],
  [/^POST \/containers\/permissions\/start$/, [204, {}]],
  [/^POST \/containers\/permissions\/wait$/, [200, { StatusCode: 0 }]],
  [
    /^GET \/containers\/permissions\/json$/,
    [200, { Id: 'permissions', State: { Status: 'exited', ExitCode: 0 } }],
  ],
  [/^DELETE \/containers\/permissions$/, [204, {}]],
];

/** @param authorization base64url of JSON, as Docker's API defines it */
async function pull(image: string, authorization: string, env: Readonly<Record<string, string>>) {
  const { username = '', password = '' } =
    authorization === '' ? {} : JSON.parse(Buffer.from(authorization, 'base64url').toString());
  const args = username === '' ? ['--no-creds'] : ['--creds', `${username}:${password}`];
  return await promisify(execFile)('skopeo', ['inspect', ...args, `docker://${image}`], { env }).then(
    () => 'pulled' as const,
    () => 'denied' as const,
  );
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

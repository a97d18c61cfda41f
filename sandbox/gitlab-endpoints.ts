import type { IncomingMessage } from 'node:http';
import {
  basicProject,
  protectedBranch,
  protectedTag,
  repositoryFile,
  wholeJob,
  wholePipeline,
  wholeProject,
} from './gitlab-entities.ts';
import { SandboxPipeline } from './gitlab-pipelines.ts';
import type { SandboxProject } from './gitlab-projects.ts';
import {
  ApiRefusal,
  canSee,
  checkLevel,
  checkScope,
  refusal,
  type SandboxToken,
  tokenOf,
} from './gitlab-tokens.ts';

/** What the sandbox's GitLab knows. */
export interface ApiState {
  /** The address of the instance. */
  url: string;
  readonly projects: readonly SandboxProject[];
  readonly tokens: readonly SandboxToken[];
  readonly pipelines: SandboxPipeline[];
  readonly onPipeline: (pipeline: SandboxPipeline) => void;
}

export interface ApiAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request to a project that exists and is visible. */
interface ProjectRequest {
  readonly project: SandboxProject;
  readonly token: SandboxToken | undefined;
  readonly query: URLSearchParams;
  readonly body: string;
  /** The variable parts of the path. */
  readonly parts: readonly string[];
}

type Endpoint = (request: ProjectRequest, state: ApiState) => ApiAnswer;

const reading = ['api', 'read_api'];

const endpoints: readonly (readonly [
  method: string,
  path: RegExp,
  scopes: readonly string[],
  endpoint: Endpoint,
])[] = [
  ['GET', /^$/, reading, showProject],
  ['GET', /^protected_branches$/, reading, listProtectedBranches],
  ['GET', /^protected_tags$/, reading, listProtectedTags],
  ['GET', /^repository\/files\/([^/]+)$/, [...reading, 'read_repository'], showFile],
  ['POST', /^pipeline$/, ['api'], startPipeline],
  ['GET', /^pipelines\/(\d+)$/, reading, showPipeline],
  ['GET', /^pipelines\/(\d+)\/jobs$/, reading, listJobs],
];

/** GitLab's response to a request. */
export function answerRequest(
  { method = '', url = '', headers }: IncomingMessage,
  body: string,
  state: ApiState,
) {
  const { pathname, searchParams: query } = new URL(url, 'http://localhost');
  const api = '/api/v4/';
  if (!pathname.startsWith(api)) return htmlPage(404);
  try {
    const token = tokenOf(headers, state.tokens);
    const [, id = '', rest = ''] = /^projects\/([^/]+)\/?(.*)$/.exec(pathname.slice(api.length)) ?? [];
    const [, path, scopes = [], endpoint] =
      endpoints.find(([verb, pattern]) => id !== '' && verb === method && pattern.test(rest)) ?? [];
    if (path === undefined || endpoint === undefined) throw new ApiRefusal(404, { error: '404 Not Found' });
    checkScope(token, scopes);
    const project = findProject(decodeURIComponent(id), token, state);
    if (!isNamed(project, decodeURIComponent(id))) {
      return movedProject(method, `${state.url}${api}projects/${project.id}${rest && `/${rest}`}`);
    }
    const parts = (path.exec(rest) ?? []).slice(1).map(decodeURIComponent);
    return endpoint({ project, token, query, body, parts }, state);
  } catch (error) {
    if (!(error instanceof ApiRefusal)) throw error;
    return json(error.status, error.body);
  }
}

/** A project by its ID, its path or a former path. */
function findProject(id: string, token: SandboxToken | undefined, { projects }: ApiState): SandboxProject {
  const project =
    projects.find((one) => isNamed(one, id)) ?? projects.find((one) => one.formerPaths?.includes(id));
  if (project === undefined || !canSee(token, project)) throw refusal(404, '404 Project Not Found');
  return project;
}

function isNamed(project: SandboxProject, id: string): boolean {
  return String(project.id) === id || project.path.toLowerCase() === id.toLowerCase();
}

/** https://docs.gitlab.com/api/rest/#redirects */
function movedProject(method: string, location: string): ApiAnswer {
  if (method !== 'GET') throw refusal(405, 'Non GET methods are not allowed for moved projects');
  const body = `This resource has been moved permanently to ${location}`;
  return { status: 301, type: 'text/plain', body, headers: { location } };
}

function showProject({ project, token }: ProjectRequest, { url, projects }: ApiState): ApiAnswer {
  if (token === undefined) return json(200, basicProject(project, url));
  const source = projects.find(({ id }) => id === project.forkedFrom);
  return json(200, wholeProject(project, url, token.level, source));
}

function listProtectedBranches({ project, token, query }: ProjectRequest, { url }: ApiState): ApiAnswer {
  checkLevel(token, 40);
  const branches = (project.protectedBranches ?? []).map(protectedBranch);
  return page(branches, query, `${url}/api/v4/projects/${project.id}/protected_branches`);
}

function listProtectedTags({ project, token, query }: ProjectRequest, { url }: ApiState): ApiAnswer {
  checkLevel(token, 40);
  const tags = (project.protectedTags ?? []).map(protectedTag);
  return page(tags, query, `${url}/api/v4/projects/${project.id}/protected_tags`);
}

function showFile({ project, query, parts: [path = ''] }: ProjectRequest): ApiAnswer {
  const ref = query.get('ref');
  if (ref === null) throw new ApiRefusal(400, { error: 'ref is missing, ref is empty' });
  const files = project.branches[ref];
  if (files === undefined) throw refusal(404, '404 Commit Not Found');
  const text = files[path];
  if (text === undefined) throw refusal(404, '404 File Not Found');
  return json(200, repositoryFile(path, ref, text));
}

function startPipeline({ project, token, body }: ProjectRequest, state: ApiState): ApiAnswer {
  checkLevel(token, 30);
  const { ref } = JSON.parse(body || '{}') as { ref?: string };
  if (ref === undefined) throw new ApiRefusal(400, { error: 'ref is missing' });
  const files =
    project.branches[ref] ?? (project.tags?.includes(ref) ? Object.values(project.branches)[0] : undefined);
  if (files === undefined) throw refusal(400, { base: ['Reference not found'] });
  if (files[project.ciConfigPath ?? '.gitlab-ci.yml'] === undefined) {
    throw refusal(400, { base: ['Missing CI config file'] });
  }
  const pipeline = new SandboxPipeline(574 + state.pipelines.length, project.id, ref);
  state.pipelines.push(pipeline);
  state.onPipeline(pipeline);
  return json(201, wholePipeline(pipeline, state.url, project));
}

function showPipeline({ project, parts: [id = ''] }: ProjectRequest, state: ApiState): ApiAnswer {
  return json(200, wholePipeline(findPipeline(project, id, state), state.url, project));
}

function listJobs({ project, query, parts: [id = ''] }: ProjectRequest, state: ApiState): ApiAnswer {
  const pipeline = findPipeline(project, id, state);
  const jobs = pipeline.jobs.map((job) => wholeJob(job, pipeline, state.url, project));
  return page(jobs, query, `${state.url}/api/v4/projects/${project.id}/pipelines/${id}/jobs`);
}

function findPipeline(project: SandboxProject, id: string, { pipelines }: ApiState): SandboxPipeline {
  const pipeline = pipelines.find((one) => String(one.id) === id && one.projectId === project.id);
  if (pipeline === undefined) throw refusal(404, '404 Not found');
  return pipeline;
}

/** https://docs.gitlab.com/api/rest/#offset-based-pagination */
function page(items: readonly unknown[], query: URLSearchParams, address: string): ApiAnswer {
  const perPage = Math.min(100, Number(query.get('per_page') ?? 20));
  const current = Number(query.get('page') ?? 1);
  const last = Math.max(1, Math.ceil(items.length / perPage));
  const link = (number: number, rel: string) =>
    `<${address}?page=${number}&per_page=${perPage}>; rel="${rel}"`;
  const next = current < last ? current + 1 : undefined;
  const links = [...(next === undefined ? [] : [link(next, 'next')]), link(1, 'first'), link(last, 'last')];
  const headers = {
    link: links.join(', '),
    'x-next-page': `${next ?? ''}`,
    'x-page': `${current}`,
    'x-per-page': `${perPage}`,
    'x-prev-page': current > 1 ? `${current - 1}` : '',
    'x-total': `${items.length}`,
    'x-total-pages': `${last}`,
  };
  return { ...json(200, items.slice((current - 1) * perPage, current * perPage)), headers };
}

function json(status: number, value: unknown): ApiAnswer {
  return { status, type: 'application/json', body: JSON.stringify(value) };
}

/** What a web server or a proxy shows. */
export function htmlPage(status: number): ApiAnswer {
  const body = `<!DOCTYPE html>\n<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>\n`;
  return { status, type: 'text/html; charset=utf-8', body };
}

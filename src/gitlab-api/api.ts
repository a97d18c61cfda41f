import {
  Jobs,
  Pipelines,
  Projects,
  ProtectedBranches,
  ProtectedTags,
  RepositoryFiles,
} from '@gitbeaker/core';
import type { BaseRequestOptionsWithoutToken } from '@gitbeaker/requester-utils';
import { AwsOidcError } from '../errors.ts';
import { defaultRetryLimits, type RetryLimits } from '../network/retry.ts';
import type { Agents } from '../network/transport.ts';
import { explainedFailure } from './explained-failure.ts';
import type { Purpose } from './explained-refusal.ts';
import { GitlabFailure } from './failure.ts';
import { aString, fieldsOf, listOf, oneOf, required } from './fields.ts';
import { moved, movedTo } from './moved-project.ts';
import { type GitlabJob, type GitlabPipeline, readJobs, readPipeline, readStatus } from './pipeline.ts';
import { notStarted } from './pipeline-refusal.ts';
import { type GitlabProject, readProject } from './project.ts';
import { isProjectPath } from './project-path.ts';
import { createRequester } from './requester.ts';
import type { FoundToken } from './token.ts';

/** The name of a protected branch or tag; it may contain wildcards: `release/*`. */
export interface ProtectedRef {
  readonly name: string;
}

/**
 * What is needed of GitLab's REST API: https://docs.gitlab.com/api/rest/
 *
 * Every function throws an AwsOidcError that says what to do: `REFUSED` for a response that is an error, or not
 * from GitLab; `UNAVAILABLE` if the server or the connection fails for a minute; `UNTRUSTED_CONNECTION`.
 */
export interface GitlabApi {
  /**
   * @param path with its groups: `group/project`
   * @throws {AwsOidcError} `INVALID_INPUT` if it cannot be a project's path
   */
  project(path: string): Promise<GitlabProject>;
  /** Undefined if the token may not see them. */
  protectedBranches(projectId: number): Promise<readonly ProtectedRef[] | undefined>;
  /** Undefined if the token may not see them. */
  protectedTags(projectId: number): Promise<readonly ProtectedRef[] | undefined>;
  /** The file as text; undefined if the branch, tag or commit does not exist or does not contain it. */
  fileOnBranch(projectId: number, path: string, ref: string): Promise<string | undefined>;
  /** @param ref a branch or a tag */
  startPipeline(projectId: number, ref: string): Promise<GitlabPipeline>;
  jobs(projectId: number, pipelineId: number): Promise<readonly GitlabJob[]>;
  /** For example `created`, `running`, `success`, `failed`. */
  pipelineStatus(projectId: number, pipelineId: number): Promise<string>;
}

/** Which GitLab to ask, and how. */
export interface GitlabApiOptions {
  /** For example `https://gitlab.example.com`. */
  readonly instance: string;
  /** The address below which `/api/v4` is, if it is not the instance's own. */
  readonly apiUrl?: string | undefined;
  readonly token: FoundToken | undefined;
  /** Made for the address of the API. */
  readonly agents: Agents;
  readonly limits?: RetryLimits;
}

/**
 * GitLab's API with a token, or without one for public projects.
 *
 * @throws {AwsOidcError} `INVALID_INPUT` if an address is not https; a server on this machine may use http
 */
export function createGitlabApi(options: GitlabApiOptions): GitlabApi {
  for (const address of [options.instance, options.apiUrl ?? options.instance]) checkSecure(address);
  return new GitlabClient(options);
}

function checkSecure(address: string): void {
  const { protocol, hostname, host } = new URL(address);
  if (protocol === 'https:' || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)) return;
  throw new AwsOidcError('INVALID_INPUT', `${host} is used without TLS, so no token is sent to it.`, {
    hint: "AWS accepts only https issuers. If the instance has https, change the remote's URL to https; else its administrators must set external_url to an https address.",
  });
}

/** GitLab's largest page; the library requests the next ones. */
const onePage = { perPage: 100 };

const reading = (what: string, of = 'the project'): Purpose => ({
  what,
  of,
  scope: 'read_api',
  role: 'Reporter',
});

const starting: Purpose = {
  what: 'start a pipeline',
  of: 'the project',
  scope: 'api',
  role: 'Developer',
};

class GitlabClient implements GitlabApi {
  readonly #options: GitlabApiOptions;
  readonly #address: string;

  constructor(options: GitlabApiOptions) {
    this.#options = options;
    this.#address = options.apiUrl ?? options.instance;
  }

  async project(path: string): Promise<GitlabProject> {
    if (!isProjectPath(path)) {
      const hint = 'For example group/project, or group/subgroup/project.';
      throw new AwsOidcError('INVALID_INPUT', 'The path of the project is invalid.', { hint });
    }
    return this.#explained(reading('read the project', `the project ${path}`), async () => {
      try {
        return await this.#project(path);
      } catch (error) {
        const id = movedTo(error, this.#address);
        throw id === undefined ? error : moved(path, await this.#project(id));
      }
    });
  }

  protectedBranches(projectId: number): Promise<readonly ProtectedRef[] | undefined> {
    return this.#explained(reading('list the protected branches'), () =>
      this.#unlessHidden(async () =>
        readRefs(await new ProtectedBranches(this.#service()).all(projectId, onePage)),
      ),
    );
  }

  protectedTags(projectId: number): Promise<readonly ProtectedRef[] | undefined> {
    return this.#explained(reading('list the protected tags'), () =>
      this.#unlessHidden(async () =>
        readRefs(await new ProtectedTags(this.#service()).all(projectId, onePage)),
      ),
    );
  }

  fileOnBranch(projectId: number, path: string, ref: string): Promise<string | undefined> {
    return this.#explained(reading('read a file of the project'), async () => {
      try {
        return readFile(await new RepositoryFiles(this.#service()).show(projectId, path, ref));
      } catch (error) {
        if (isRefusal(error, 404) && !/project not found/i.test(error.says)) return undefined;
        throw error;
      }
    });
  }

  startPipeline(projectId: number, ref: string): Promise<GitlabPipeline> {
    return this.#explained(starting, async () => {
      try {
        return readPipeline(await new Pipelines(this.#service()).create(projectId, ref));
      } catch (error) {
        throw isRefusal(error, 400) ? notStarted(error) : error;
      }
    });
  }

  jobs(projectId: number, pipelineId: number): Promise<readonly GitlabJob[]> {
    return this.#explained(reading('list the jobs of a pipeline', 'the pipeline'), async () =>
      readJobs(await new Jobs(this.#service()).all(projectId, { pipelineId, ...onePage })),
    );
  }

  pipelineStatus(projectId: number, pipelineId: number): Promise<string> {
    return this.#explained(reading('read the status of a pipeline', 'the pipeline'), async () =>
      readStatus(await new Pipelines(this.#service()).show(projectId, pipelineId)),
    );
  }

  async #project(pathOrId: string | number): Promise<GitlabProject> {
    const value = await new Projects(this.#service()).show(pathOrId);
    return readProject(value, this.#options.token !== undefined);
  }

  /** The library's settings for one call. The token is not among them: only the requester has it. */
  #service(): BaseRequestOptionsWithoutToken<false> {
    const { token, agents, limits = defaultRetryLimits } = this.#options;
    return {
      host: this.#address,
      requesterFn: createRequester({ token, agents, limits }),
      rateLimits: {},
      // it would limit a call with all its retries; the requester has limits of its own
      queryTimeout: null,
    };
  }

  async #explained<T>(purpose: Purpose, request: () => Promise<T>): Promise<T> {
    const { instance, token } = this.#options;
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof GitlabFailure)) throw error;
      throw explainedFailure(error, purpose, { host: new URL(this.#address).host, instance, token });
    }
  }

  /** Undefined if the token, or a user without one, may not see something of a project that they can see. */
  async #unlessHidden<T>(request: () => Promise<T>): Promise<T | undefined> {
    try {
      return await request();
    } catch (error) {
      const hidden = isRefusal(error, 403) || isRefusal(error, 404);
      if (hidden || (isRefusal(error, 401) && this.#options.token === undefined)) return undefined;
      throw error;
    }
  }
}

function isRefusal(error: unknown, status: number): error is GitlabFailure {
  return error instanceof GitlabFailure && error.kind === 'refused' && error.status === status;
}

function readRefs(value: unknown): readonly ProtectedRef[] {
  return listOf(value).map((fields) => ({ name: required(fields, 'name', aString) }));
}

/** https://docs.gitlab.com/api/repository_files/#retrieve-a-file-from-a-repository */
function readFile(value: unknown): string {
  const fields = fieldsOf(value);
  required(fields, 'encoding', oneOf('base64'));
  return Buffer.from(required(fields, 'content', aString), 'base64').toString('utf8');
}

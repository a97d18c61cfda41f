import { anId, aString, aWebUrl, type Fields, fieldsOf, listOf, optional, required } from './fields.ts';

/** A pipeline that was started: https://docs.gitlab.com/api/pipelines/ */
export interface GitlabPipeline {
  readonly id: number;
  readonly webUrl: string;
}

/** A job of a pipeline: https://docs.gitlab.com/api/jobs/. Its texts are not checked for characters that a log cannot show. */
export interface GitlabJob {
  readonly name: string;
  /** For example `pending`, `running`, `success`, `failed`. */
  readonly status: string;
  readonly webUrl: string;
  /** For example `script_failure`. */
  readonly failureReason: string | undefined;
}

/** @throws {GitlabFailure} `mistyped` */
export function readPipeline(value: unknown): GitlabPipeline {
  const fields = fieldsOf(value);
  return { id: required(fields, 'id', anId), webUrl: required(fields, 'web_url', aWebUrl) };
}

/** @throws {GitlabFailure} `mistyped` */
export function readStatus(value: unknown): string {
  return required(fieldsOf(value), 'status', aString);
}

/** @throws {GitlabFailure} `mistyped` */
export function readJobs(value: unknown): readonly GitlabJob[] {
  return listOf(value).map((fields: Fields) => ({
    name: required(fields, 'name', aString),
    status: required(fields, 'status', aString),
    webUrl: required(fields, 'web_url', aWebUrl),
    failureReason: optional(fields, 'failure_reason', aString),
  }));
}

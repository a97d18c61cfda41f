import type { Environment } from '../environment-variables.ts';
import { RuleError } from '../errors.ts';

const minLength = 2;
const maxLength = 64;

/**
 * Makes a valid role session name from any text: characters that STS does not accept become `-`, and
 * the result is cut to 64 characters.
 * Grammar: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 *
 * @throws {RuleError} if it has fewer than two characters
 */
export function cleanSessionName(text: string): string {
  const cleaned = text.replace(/[^A-Za-z0-9_+=,.@-]/gu, '-').slice(0, maxLength);
  if (cleaned.length < minLength) {
    throw new RuleError(`must have ${minLength} to ${maxLength} characters`);
  }
  return cleaned;
}

/** The default role session name: it identifies the pipeline or workflow in CloudTrail. */
export function defaultSessionName(env: Environment): string {
  if (env.CIRCLECI === 'true') return ['CircleCI', env.CIRCLE_WORKFLOW_ID].filter(Boolean).join('-');
  return ['GitLabRunner', env.CI_PROJECT_ID, env.CI_PIPELINE_ID].filter(Boolean).join('-');
}

import type { Breadth } from './breadth.ts';
import { fixedPart, hasWildcard, otherSubject, type SubjectForm } from './subject-form.ts';

/**
 * Bitbucket Pipelines: `{REPOSITORY}:{STEP}`, or `{REPOSITORY}:{ENVIRONMENT}:{STEP}` for a deployment, as UUIDs. A
 * step's UUID is new in each run, so a policy cannot contain it. Each workspace is an issuer.
 * https://support.atlassian.com/bitbucket-cloud/docs/deploy-on-aws-using-bitbucket-pipelines-openid-connect/
 */
export function bitbucketSubject(issuer: string): SubjectForm {
  return { breadth, describe: (pattern) => describe(pattern, issuer), template };
}

const uuid = String.raw`\{[0-9a-fA-F-]{36}\}`;
const wholeRepository = new RegExp(`^(${uuid})`);
const wholeEnvironment = new RegExp(`^(${uuid}):(${uuid}):`);

function breadth(pattern: string): Breadth {
  if (!hasWildcard(pattern)) return 'exact';
  const fixed = fixedPart(pattern);
  if (wholeEnvironment.test(fixed)) return 'exact';
  if (wholeRepository.test(fixed)) return 'unknown-wildcard';
  return fixed === '' || fixed.startsWith('{') ? 'whole-group' : 'unknown-wildcard';
}

function describe(pattern: string, issuer: string): string {
  const [, workspace = issuer] = /\/workspaces\/([^/]+)\//.exec(issuer) ?? [];
  const where = `of the Bitbucket workspace ${workspace}`;
  const fixed = fixedPart(pattern);
  const [, repository, environment] = wholeEnvironment.exec(fixed) ?? wholeRepository.exec(fixed) ?? [];
  if (environment !== undefined)
    return `deployments to the environment ${environment} from the repository ${repository} ${where}`;
  if (repository !== undefined) return `every pipeline of the repository ${repository} ${where}`;
  return breadth(pattern) === 'whole-group' ? `every repository ${where}` : otherSubject(pattern, issuer);
}

function template(pattern: string): string | undefined {
  if (breadth(pattern) !== 'whole-group') return undefined;
  return '{REPOSITORY_UUID}:{ENVIRONMENT_UUID}:*';
}

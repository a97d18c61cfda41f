import type { Breadth } from './breadth.ts';
import { fixedPart, hasWildcard, matchesAll, otherSubject, type SubjectForm } from './subject-form.ts';

/**
 * CircleCI: `org/ORG/project/PROJECT/user/USER`, and more in version 2. Each organization is an issuer.
 * https://circleci.com/docs/openid-connect-tokens/
 */
export function circleciSubject(issuer: string): SubjectForm {
  const [, organization = 'ORGANIZATION'] = /^oidc\.circleci\.com\/org\/(.+)$/.exec(issuer) ?? [];
  return {
    breadth,
    describe: (pattern) => describe(pattern, organization, issuer),
    template: (pattern) => template(pattern, organization),
  };
}

function breadth(pattern: string): Breadth {
  if (!hasWildcard(pattern)) return 'exact';
  const [, organization, , project, user] =
    /^org\/([^/]+\/)?(project\/)?([^/]+\/)?(user\/)?/.exec(fixedPart(pattern)) ?? [];
  if (organization === undefined) return 'anyone';
  if (project === undefined) return 'whole-group';
  return user === undefined ? 'whole-group' : 'exact';
}

function describe(pattern: string, organization: string, issuer: string): string {
  const [, named, project, user] = /^org\/([^/*?]+)\/project\/([^/*?]+)\/user\/(.*)$/s.exec(pattern) ?? [];
  if (project !== undefined && user !== undefined) {
    const who = hasWildcard(user) ? (matchesAll(user) ? '' : `, user "${user}"`) : `, user ${user}`;
    return `the project ${project} of the CircleCI organization ${named}${who}`;
  }
  if (!hasWildcard(pattern)) return otherSubject(pattern, issuer);
  return `every project of the CircleCI organization ${organization}`;
}

/** The user may stay open: the project decides who can run its jobs. */
function template(pattern: string, organization: string): string {
  const [, project] = /^org\/[^/*?]+\/project\/([^/*?]+)\//.exec(pattern) ?? [];
  return `org/${organization}/project/${project ?? 'PROJECT_ID'}/user/*`;
}

import type { Breadth } from './breadth.ts';
import {
  fixedPart,
  hasWildcard,
  matchesAll,
  otherSubject,
  partInWords,
  type SubjectForm,
} from './subject-form.ts';

/**
 * GitHub Actions: `repo:OWNER/REPOSITORY:CONTEXT`, in which the context is `ref:refs/heads/BRANCH`,
 * `ref:refs/tags/TAG`, `environment:NAME` or `pull_request`. Every repository can change the form of its sub.
 * https://docs.github.com/en/actions/reference/security/oidc
 */
export function githubSubject(issuer: string): SubjectForm {
  const service = /^token\.actions\.githubusercontent\.com(\/|$)/.test(issuer) ? 'GitHub' : issuer;
  return { breadth, describe: (pattern) => describe(pattern, service, issuer), template };
}

/** `*` also matches `/` and `:`, so the position of the first wildcard counts. */
function breadth(pattern: string): Breadth {
  const fixed = fixedPart(pattern);
  const isExact = fixed === pattern;
  const [, name = '', rest = ''] = /^(\w+):(.*)$/s.exec(fixed) ?? [];
  if (!/^repo(sitory)?$/.test(name)) return otherBreadth(fixed, isExact);
  const [path = '', ...context] = rest.split(':');
  if (context.length > 0) return contextBreadth(context.join(':'), isExact);
  if (isExact) return 'exact';
  if (path === '') return 'anyone';
  if (path.endsWith('/')) return 'whole-group';
  return path.includes('/') ? 'projects-by-prefix' : 'groups-by-prefix';
}

/** @param fixed the text after the repository, up to the first wildcard */
function contextBreadth(fixed: string, isExact: boolean): Breadth {
  if (isExact) return fixed === 'pull_request' ? 'pull-requests' : 'exact';
  const [, name] = /^(?:ref:refs\/(?:heads|tags)\/|environment:)(.*)$/s.exec(fixed) ?? [];
  if (name === undefined) return 'any-ref-type';
  return name === '' ? 'any-ref' : 'some-refs';
}

/** Other forms, which a repository has chosen: unless the sub begins with its owner, others can choose it, too. */
function otherBreadth(fixed: string, isExact: boolean): Breadth {
  const [, name, value = '', rest] = /^(\w+):([^:]*)(:.*)?$/s.exec(fixed) ?? [];
  if (name === undefined)
    return isExact ? 'exact' : 'repo:'.startsWith(fixed) ? 'anyone' : 'unknown-wildcard';
  if (/^(environment|ref|ref_type|workflow|event_name|context|actor)$/.test(name)) return 'anyone';
  if (isExact) return 'exact';
  if (!/^(repository|enterprise)/.test(name)) return value === '' ? 'anyone' : 'unknown-wildcard';
  if (rest === undefined) return value === '' ? 'anyone' : 'groups-by-prefix';
  return name === 'repository_id' ? 'any-ref-type' : 'whole-group';
}

function describe(pattern: string, service: string, issuer: string): string {
  const everyone = `any repository on ${service}`;
  if (breadth(pattern) === 'anyone') return everyone;
  const [, path, context] = /^repo(?:sitory)?:([^:]*)(?::(.*))?$/s.exec(pattern) ?? [];
  if (path === undefined) return otherSubject(pattern, issuer);
  const known = knownContext(context ?? '');
  if (!hasWildcard(path)) return `${known ?? otherContext(context ?? '', pattern)} of ${path} on ${service}`;
  // another context may be a part of what "*" in the path matches
  return `${known === undefined ? '' : `${known} of `}${repositoriesInWords(path)} on ${service}`;
}

function repositoriesInWords(path: string): string {
  const fixed = fixedPart(path);
  if (fixed.endsWith('/')) return `every repository of ${fixed.slice(0, -1)}`;
  const where = fixed.includes('/') ? '' : ', of any owner';
  return `every repository whose name begins with "${fixed}"${where}`;
}

/** Neither refs nor the names of environments in a sub contain colons. */
function knownContext(context: string): string | undefined {
  if (context === 'pull_request') return 'pull requests';
  const [, kind, name] = knownContexts.exec(context) ?? [];
  return kind === undefined || name === undefined ? undefined : partInWords(nouns[kind] ?? '', name);
}

function otherContext(context: string, pattern: string): string {
  if (!hasWildcard(context)) return `workflows with the sub "${pattern}"`;
  return matchesAll(context) ? 'every workflow' : `workflows whose sub matches "${pattern}"`;
}

const knownContexts = /^(ref:refs\/heads\/|ref:refs\/tags\/|environment:)([^:]*)$/s;

const nouns: Readonly<Record<string, string>> = {
  'ref:refs/heads/': 'branch',
  'ref:refs/tags/': 'tag',
  'environment:': 'environment',
};

function template(pattern: string): string | undefined {
  const [, path = '*', context = '*'] = /^repo:([^:]*)(?::(.*))?$/s.exec(pattern) ?? [];
  if (!/^repo:/.test(pattern) && !'repo:'.startsWith(fixedPart(pattern))) return undefined;
  const [, kind, name] = knownContexts.exec(context) ?? [];
  if (kind === undefined && !hasWildcard(context)) return undefined;
  const place = kind ?? 'ref:refs/heads/';
  const exact = name && !hasWildcard(name) ? name : (nouns[place] ?? '').toUpperCase();
  return `repo:${repositoryTemplate(path)}:${place}${exact}`;
}

/** `acme/*` → `acme/REPOSITORY`; an owner that is written in full stays. */
function repositoryTemplate(path: string): string {
  if (!hasWildcard(path) && path.includes('/')) return path;
  const owner = fixedPart(path);
  return owner.includes('/') ? `${owner.split('/')[0]}/REPOSITORY` : 'OWNER/REPOSITORY';
}

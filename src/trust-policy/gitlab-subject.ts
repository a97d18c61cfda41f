import { componentsOf } from '../identity/subject.ts';
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
 * GitLab: `project_path:GROUP/PROJECT:ref_type:TYPE:ref:REF`. A project can have other components after its path.
 * https://docs.gitlab.com/ci/secrets/id_token_authentication/#token-payload
 */
export function gitlabSubject(issuer: string): SubjectForm {
  return { breadth, describe: (pattern) => describe(pattern, issuer), template };
}

/** `*` also matches `/` and `:`, so the position of the first wildcard counts. */
function breadth(pattern: string): Breadth {
  if (!hasWildcard(pattern)) return 'exact';
  const fixed = fixedPart(pattern);
  const [, name, rest = ''] = /^(\w+):(.*)$/s.exec(fixed) ?? [];
  if (name === undefined) return 'project_path:'.startsWith(fixed) ? 'anyone' : 'unknown-wildcard';
  const [identity = '', ...others] = rest.split(':');
  if (identity !== '' && !/^(project|namespace|ref)/.test(name)) return 'unknown-wildcard';
  if (others.length > 0) return refBreadth(others.join(':'));
  if (identity === '') return 'anyone';
  if (name !== 'project_path') return 'groups-by-prefix';
  if (identity.endsWith('/')) return 'whole-group';
  return identity.includes('/') ? 'projects-by-prefix' : 'groups-by-prefix';
}

/** Classifies a pattern by its ref only, because the project is pinned by another condition. */
export function breadthOfRef(pattern: string): Breadth {
  const rest = pattern.replace(/^project_path:[^:]*:/, '');
  const wildcard = rest.search(/[*?]/);
  if (rest === pattern || wildcard === 0) return 'any-ref-type';
  return wildcard < 0 ? 'exact' : refBreadth(rest.slice(0, wildcard));
}

/** @param fixed the text between the project path and the first wildcard */
function refBreadth(fixed: string): Breadth {
  const [, type, ref] = /^ref_type:([^:]*):ref:(.*)$/s.exec(fixed) ?? [];
  if (type === undefined) return 'any-ref-type';
  return ref === '' ? 'any-ref' : 'some-refs';
}

interface GitlabPattern {
  readonly path: string;
  readonly type: string;
  readonly ref: string;
}

/** Undefined unless all three parts are written. Neither paths nor refs can contain a colon, so they stay apart. */
function parse(pattern: string): GitlabPattern | undefined {
  const [, path, type, ref] = /^project_path:([^:]*):ref_type:([^:]*):ref:([^:]*)$/s.exec(pattern) ?? [];
  return path === undefined || type === undefined || ref === undefined ? undefined : { path, type, ref };
}

function describe(pattern: string, issuer: string): string {
  const parts = parse(pattern);
  if (parts !== undefined) return `${refInWords(parts)} of ${projectsInWords(parts.path)} on ${issuer}`;
  if (matchesAll(pattern) && !/gitlab/i.test(issuer)) return otherSubject(pattern, issuer);
  if (hasWildcard(pattern) && 'project_path:'.startsWith(fixedPart(pattern)))
    return `any project on ${issuer}`;
  const [, path, rest = ''] = /^project_path:([^:]*)(.*)$/s.exec(pattern) ?? [];
  if (path === undefined || path === '') return otherSubject(pattern, issuer);
  // without the rest, because "*" in the path may have matched a part of it
  if (hasWildcard(path)) return `${projectsInWords(`${fixedPart(path)}*`)} on ${issuer}`;
  if (rest === '' || rest === ':') return `jobs of ${path} on ${issuer}, if sub has only the path`;
  const named = componentsOf(pattern).length > 1 && !hasWildcard(rest);
  return named
    ? `jobs of ${path} on ${issuer} whose sub is "${pattern}"`
    : `every branch and tag of ${path} on ${issuer}`;
}

function refInWords({ type, ref }: GitlabPattern): string {
  if (!hasWildcard(type)) return partInWords(type, ref);
  if (matchesAll(ref)) return 'every branch and tag';
  return `every branch and tag ${hasWildcard(ref) ? `that matches "${ref}"` : `named ${ref}`}`;
}

function projectsInWords(path: string): string {
  if (!hasWildcard(path)) return path;
  if (matchesAll(path)) return 'any project';
  const fixed = fixedPart(path);
  if (path !== `${fixed}*`) return `every project whose path matches "${path}"`;
  if (fixed.endsWith('/')) return `every project in ${fixed.slice(0, -1)}`;
  const where = fixed.includes('/') ? '' : ', in any group';
  return `every project whose path begins with "${fixed}"${where}`;
}

function template(pattern: string): string | undefined {
  const [, path = '*', rest = ''] = /^project_path:([^:]*)(.*)$/s.exec(pattern) ?? [];
  if (rest !== '' && !/^:(\*|ref_type|ref\b)/.test(rest)) return undefined;
  const [, type = '', ref = ''] = /^:ref_type:([^:]*):ref:([^:]*)$/s.exec(rest) ?? [];
  const name = ref.replace(/^refs\/(heads|tags)\//, '');
  const kind = type === 'tag' ? 'tag' : 'branch';
  const exact = type === kind && name !== '' && !hasWildcard(name) ? name : kind.toUpperCase();
  return `project_path:${projectTemplate(path)}:ref_type:${kind}:ref:${exact}`;
}

/** `acme/*` → `acme/PROJECT`; a group that is written in full stays. */
function projectTemplate(path: string): string {
  if (!hasWildcard(path) && path.includes('/')) return path;
  const fixed = fixedPart(path);
  const groups = fixed.slice(0, fixed.lastIndexOf('/') + 1);
  return `${groups === '' || groups === '/' ? 'GROUP/' : groups}PROJECT`;
}

/** How much a `sub` pattern matches beyond one ref of one project. */
export type Breadth =
  | 'exact'
  /** Refs with a prefix: `ref:release/*`. */
  | 'some-refs'
  | 'any-ref'
  | 'any-ref-type'
  /** `group/app-*`: projects with a prefix. */
  | 'projects-by-prefix'
  | 'whole-group'
  /** `group*`: also other groups with this prefix. */
  | 'groups-by-prefix'
  | 'anyone'
  /** A wildcard in an unknown form of `sub`. */
  | 'unknown-wildcard';

/**
 * Classifies a pattern with the wildcards `*` and `?`. `*` also matches `/` and `:`, so the position of the first
 * wildcard counts.
 */
export function subjectBreadth(pattern: string): Breadth {
  if (isOwnSubject(pattern)) return 'anyone';
  const wildcard = pattern.search(/[*?]/);
  if (wildcard < 0) return 'exact';
  const fixed = pattern.slice(0, wildcard);
  if (/^org\//.test(pattern)) return circleciBreadth(fixed);
  const [, name, rest = ''] = /^(\w+):(.*)$/s.exec(fixed) ?? [];
  if (name === undefined) return isStartOf(fixed, 'project_path:') ? 'anyone' : 'unknown-wildcard';
  const [identity = '', ...others] = rest.split(':');
  if (identity !== '' && !/^(project|namespace|ref)/.test(name)) return 'unknown-wildcard';
  if (others.length > 0) return refBreadth(others.join(':'));
  if (identity === '') return 'anyone';
  if (name !== 'project_path') return 'groups-by-prefix';
  if (identity.endsWith('/')) return 'whole-group';
  return identity.includes('/') ? 'projects-by-prefix' : 'groups-by-prefix';
}

/** Does it contain a variable for the token's own sub, which every token matches? */
export function isOwnSubject(value: string): boolean {
  return [...value.matchAll(/\$\{([^{}]*)\}/g)].some(([, name = '']) => /:sub\b/.test(name));
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

/** https://circleci.com/docs/openid-connect-tokens/: `org/ORG/project/PROJECT/user/USER`, and more in version 2 */
function circleciBreadth(fixed: string): Breadth {
  const [, organization, , project, user] =
    /^org\/([^/]+\/)?(project\/)?([^/]+\/)?(user\/)?/.exec(fixed) ?? [];
  if (organization === undefined) return 'anyone';
  if (project === undefined) return 'whole-group';
  return user === undefined ? 'whole-group' : 'exact';
}

function isStartOf(start: string, whole: string): boolean {
  return whole.startsWith(start);
}

/** How much a `sub` pattern matches beyond one ref of one project; from narrow to broad. */
export const breadths = [
  'exact',
  /** Refs with a prefix: `ref:release/*`. */
  'some-refs',
  /** A wildcard in an unknown form of `sub`. */
  'unknown-wildcard',
  /** GitHub's `repo:owner/repository:pull_request`. */
  'pull-requests',
  'any-ref',
  'any-ref-type',
  /** `group/app-*`: projects with a prefix. */
  'projects-by-prefix',
  /** Kubernetes: `system:serviceaccount:namespace:*`. */
  'whole-namespace',
  /** Kubernetes: `system:serviceaccount:*`. */
  'any-service-account',
  'whole-group',
  /** `group*`: also other groups with this prefix. */
  'groups-by-prefix',
  'anyone',
] as const;

export type Breadth = (typeof breadths)[number];

/** Sorts by breadth, from narrow to broad. */
export function compareBreadth(a: Breadth, b: Breadth): number {
  return breadths.indexOf(a) - breadths.indexOf(b);
}

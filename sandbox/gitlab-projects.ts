/** A project of the sandbox's GitLab. */
export interface SandboxProject {
  readonly id: number;
  /** With its groups. */
  readonly path: string;
  /** Paths that it had before: GitLab redirects from them. */
  readonly formerPaths?: readonly string[];
  readonly namespaceId: number;
  readonly visibility: 'public' | 'internal' | 'private';
  /** The first branch is the default branch; none in an empty repository. Each has files with their contents. */
  readonly branches: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly tags?: readonly string[];
  /** Names or wildcards. */
  readonly protectedBranches?: readonly string[];
  readonly protectedTags?: readonly string[];
  readonly ciConfigPath?: string;
  /** The ID of the project that it is a fork of. */
  readonly forkedFrom?: number;
  readonly subClaimComponents?: readonly string[];
}

const pipeline = 'deploy:\n  script:\n    - echo deploy\n';

/** The projects that the sandbox's GitLab starts with. `acme/shop` has the IDs of the sandbox's ID tokens. */
export const defaultProjects: readonly SandboxProject[] = [
  {
    id: 20,
    path: 'acme/shop',
    formerPaths: ['acme/old-shop'],
    namespaceId: 72,
    visibility: 'private',
    branches: {
      main: { '.gitlab-ci.yml': pipeline, 'docs/read me.md': '# Shop\n' },
      'feature/cart': { '.gitlab-ci.yml': pipeline },
    },
    tags: ['v1.0.0'],
    protectedBranches: ['main', 'release/*'],
    protectedTags: ['v*'],
  },
  {
    id: 21,
    path: 'acme/website',
    namespaceId: 72,
    visibility: 'public',
    branches: { main: { '.gitlab-ci.yml': pipeline } },
    protectedBranches: ['main'],
  },
  {
    id: 22,
    path: 'acme/platform/network/dns',
    namespaceId: 75,
    visibility: 'internal',
    branches: { trunk: { 'ci/pipeline.yml': pipeline } },
    protectedBranches: ['trunk'],
    ciConfigPath: 'ci/pipeline.yml',
    subClaimComponents: ['project_id', 'ref_type', 'ref'],
  },
  {
    id: 23,
    path: 'jane/website',
    namespaceId: 90,
    visibility: 'public',
    branches: { main: { '.gitlab-ci.yml': pipeline } },
    protectedBranches: ['main'],
    forkedFrom: 21,
  },
  { id: 24, path: 'acme/empty', namespaceId: 72, visibility: 'private', branches: {} },
];

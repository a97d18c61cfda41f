/** A placeholder in a policy that a person must replace. */
export interface Placeholder {
  readonly name: string;
  /** What to write instead. */
  readonly meaning: string;
}

interface Known {
  readonly meaning: string;
  /** A value of the right form, to check the policy with. */
  readonly example: string;
}

const known: Readonly<Record<string, Known>> = {
  GROUP: { meaning: 'the path of the group, with its parent groups', example: 'acme' },
  PROJECT: { meaning: 'the last part of the path of the project', example: 'shop' },
  PROJECT_ID: { meaning: 'the ID of the project, from its page or settings', example: '20' },
  BRANCH: { meaning: 'the branch whose jobs may assume the role', example: 'main' },
  TAG: { meaning: 'the tag whose jobs may assume the role', example: 'v1' },
  OWNER: { meaning: 'the organization or user that owns the repository', example: 'acme' },
  REPOSITORY: { meaning: 'the name of the repository', example: 'shop' },
  ENVIRONMENT: { meaning: 'the environment whose deployments may assume the role', example: 'production' },
  NAMESPACE: { meaning: 'the Kubernetes namespace of the service account', example: 'prod' },
  SERVICE_ACCOUNT: { meaning: 'the name of the service account', example: 'shop' },
  REPOSITORY_UUID: {
    meaning: 'the UUID of the repository, from its OpenID Connect settings',
    example: '0f0f0f0f-1111-4222-8333-444444444444',
  },
  ENVIRONMENT_UUID: {
    meaning: 'the UUID of the deployment environment, from the same settings',
    example: '1f0f0f0f-1111-4222-8333-444444444444',
  },
  ORGANIZATION: { meaning: 'the name of the organization', example: 'acme' },
  SERVICE_CONNECTION: { meaning: 'the name of the service connection', example: 'aws' },
  WORKSPACE: { meaning: 'the name of the workspace', example: 'prod' },
  RUN_PHASE: { meaning: 'plan or apply', example: 'apply' },
  SUBJECT: { meaning: 'the sub of the tokens, in full', example: 'subject' },
  AUDIENCE: { meaning: 'the audience (aud) of the tokens', example: 'https://example.com' },
};

const placeholders: ReadonlyMap<string, Placeholder> = new Map(
  Object.entries(known).map(([name, { meaning }]) => [name, { name, meaning }]),
);

/** The placeholders in a text, in the order of their first use. */
export function placeholdersIn(text: string): readonly Placeholder[] {
  const names = new Set(text.match(/[A-Z]+(?:_[A-Z]+)*/g) ?? []);
  return [...names].flatMap((name) => placeholders.get(name) ?? []);
}

/** A policy with an example in place of every placeholder. */
export function withExamples(policy: unknown): unknown {
  const text = JSON.stringify(policy).replace(/(?<![A-Za-z_])[A-Z]+(?:_[A-Z]+)*(?![A-Za-z_])/g, (name) =>
    Object.hasOwn(known, name) ? (known[name]?.example ?? name) : name,
  );
  return JSON.parse(text);
}

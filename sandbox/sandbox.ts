import { parseProviderArn } from '../src/identity/issuer.ts';
import { findPolicies } from '../src/trust-policy/find-policies.ts';
import type { Certificate } from './certificate.ts';
import { type Issuer, startIssuer } from './issuer.ts';
import { RateLimit } from './rate-limit.ts';
import { type StsServer, startStsServer } from './sts-server.ts';

/** An issuer, an STS that trusts it, and a few roles. */
export interface Sandbox {
  readonly issuer: Issuer;
  readonly sts: StsServer;
  stop(): Promise<void>;
}

/** The account of everything in the sandbox except the role `production`; not a realistic account ID. */
export const account = '111111111111';

/** The roles that a sandbox starts with. */
export const roles = {
  /** Trusts the branch main of acme/shop. */
  deploy: `arn:aws:iam::${account}:role/deploy`,
  /** Trusts every ref of acme/shop, for up to 12 hours. */
  build: `arn:aws:iam::${account}:role/ci/build`,
  /** Trusts the role deploy, with the external ID `shop-42`, session tags and a source identity. */
  production: 'arn:aws:iam::222222222222:role/production',
} as const;

export const externalId = 'shop-42';

/** The settings of a sandbox. */
export interface SandboxOptions {
  /** If set, STS uses HTTPS. */
  readonly certificate?: Certificate;
  /** By default a free port. */
  readonly stsPort?: number;
  /** The GitLab instance in place of the issuer's own address: in `iss` and in the trust policies. */
  readonly instance?: string;
  /** STS throttles any further requests. */
  readonly requestsPerSecond?: number;
}

/** Starts both servers on this machine. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { requestsPerSecond } = options;
  const limit = requestsPerSecond === undefined ? undefined : new RateLimit(requestsPerSecond);
  const [issuer, sts] = await Promise.all([
    startIssuer(options.instance),
    startStsServer(options.certificate, options.stsPort, limit),
  ]);
  trustIssuer(sts, { issuer: issuer.name, keysFrom: issuer.url });
  return {
    issuer,
    sts,
    stop: async () => {
      await Promise.all([issuer.stop(), sts.stop()]);
    },
  };
}

/** The issuer and project that the roles trust. */
export interface Trust {
  readonly issuer: string;
  /** The address of its keys, if it is not the issuer's own. */
  readonly keysFrom?: string;
  /** By default `acme/shop`. */
  readonly projectPath?: string | undefined;
}

/** Registers an issuer as identity provider of the account, and makes the roles trust one of its projects. */
export function trustIssuer(
  sts: StsServer,
  { issuer, keysFrom = issuer, projectPath = 'acme/shop' }: Trust,
): void {
  const name = issuer.replace(/^https?:\/\//, '');
  const trusting = (condition: object) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${name}` },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: condition,
        },
      ],
    });
  const project = `project_path:${projectPath}`;
  sts.iam
    .addProvider({ account, url: issuer, clientIds: [issuer], keysFrom })
    .addRole({
      arn: roles.deploy,
      trustPolicy: trusting({ StringEquals: { [`${name}:sub`]: `${project}:ref_type:branch:ref:main` } }),
    })
    .addRole({
      arn: roles.build,
      maxSessionSeconds: 43_200,
      trustPolicy: trusting({ StringLike: { [`${name}:sub`]: `${project}:*` } }),
    })
    .addRole({
      arn: roles.production,
      principals: [roles.deploy],
      actions: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
      externalId,
    });
}

/** The name of the role for a policy to try out. */
export const triedRoleName = 'tried';

/**
 * Creates a role with a trust policy, and registers the identity providers that the policy lists. The sandbox
 * issues valid tokens in their name.
 *
 * @returns the ARN of the role
 * @throws {TextError} if the text is not a trust policy
 */
export function tryPolicy({ sts, issuer }: Sandbox, policy: string): string {
  const statements = findPolicies(policy).flatMap((found) => found.policy.statements);
  const providers = statements
    .flatMap(({ principals }) => principals.federated)
    .flatMap((arn) => parseProviderArn(arn) ?? []);
  for (const { account: itsAccount, name } of providers) {
    const isAudience = ({ key }: { key: string }) => key.toLowerCase() === `${name}:aud`.toLowerCase();
    const audiences = statements.flatMap(({ conditions }) => conditions.filter(isAudience));
    sts.iam.addProvider({
      account: itsAccount,
      url: `https://${name}`,
      clientIds: [`https://${name}`, ...audiences.flatMap(({ values }) => values)],
      keysFrom: issuer.url,
    });
  }
  const arn = `arn:aws:iam::${providers[0]?.account ?? account}:role/${triedRoleName}`;
  sts.iam.addRole({ arn, trustPolicy: policy });
  return arn;
}

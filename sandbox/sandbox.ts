import { parseProviderArn } from '../src/identity/issuer.ts';
import { findPolicies } from '../src/trust-policy/documents.ts';
import type { Certificate } from './certificate.ts';
import { type Issuer, startIssuer } from './issuer.ts';
import { RateLimit } from './rate-limit.ts';
import { type StsServer, startStsServer } from './sts-server.ts';

/** An issuer and an STS that know each other, with a few roles. */
export interface Sandbox {
  readonly issuer: Issuer;
  readonly sts: StsServer;
  stop(): Promise<void>;
}

/** The account of everything in the sandbox. Real account ids are not like this. */
export const account = '111111111111';

/** The roles that a sandbox starts with. */
export const roles = {
  /** Trusts the branch main of acme/shop. */
  deploy: `arn:aws:iam::${account}:role/deploy`,
  /** Trusts every ref of acme/shop, for up to 12 hours. */
  build: `arn:aws:iam::${account}:role/ci/build`,
  /** Trusts the role deploy, with the external id `shop-42`. */
  production: 'arn:aws:iam::222222222222:role/production',
} as const;

export const externalId = 'shop-42';

/** What may be set about a sandbox. */
export interface SandboxOptions {
  /** Lets STS speak HTTPS. */
  readonly certificate?: Certificate;
  /** A free one where it is left out. */
  readonly stsPort?: number;
  /** The instance that the issuer stands for: tokens name it, and the roles trust it. */
  readonly instance?: string;
  /** STS throttles what goes beyond. */
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

/** Whose tokens the roles trust. */
export interface Trust {
  readonly issuer: string;
  /** Where its keys are, if not at its own address. */
  readonly keysFrom?: string;
  /** `acme/shop` where it is left out. */
  readonly projectPath?: string | undefined;
}

/** Makes an issuer a provider of the account, and lets the roles trust a project of it. */
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
    .addRole({ arn: roles.production, principals: [roles.deploy], externalId });
}

/** The role that a policy to try out is given. */
export const triedRoleName = 'tried';

/**
 * Gives a trust policy to a role, and makes the issuers that it names providers of their accounts. Tokens
 * that the sandbox mints in their name are as good as theirs.
 *
 * @returns the ARN of the role
 * @throws {TextError} where the text is no policy
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

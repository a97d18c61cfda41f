import type { Certificate } from './certificate.ts';
import { type Issuer, startIssuer } from './issuer.ts';
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
  /** An audience that the provider knows beside the issuer's own address. */
  readonly audience?: string;
}

/** Starts both servers on this machine. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const [issuer, sts] = await Promise.all([
    startIssuer(),
    startStsServer(options.certificate, options.stsPort),
  ]);
  trustIssuer(sts, { issuer: issuer.url, audience: options.audience });
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
  /** An audience that the provider knows beside the issuer's own address. */
  readonly audience?: string | undefined;
  /** `acme/shop` where it is left out. */
  readonly projectPath?: string | undefined;
}

/** Makes an issuer a provider of the account, and lets the roles trust a project of it. */
export function trustIssuer(
  sts: StsServer,
  { issuer, audience = issuer, projectPath = 'acme/shop' }: Trust,
): void {
  const project = `project_path:${projectPath}`;
  sts.iam
    .addProvider({ account, url: issuer, clientIds: [issuer, audience] })
    .addRole({
      arn: roles.deploy,
      webIdentity: { issuer, subjects: [`${project}:ref_type:branch:ref:main`] },
    })
    .addRole({
      arn: roles.build,
      maxSessionSeconds: 43_200,
      webIdentity: { issuer, subjects: [`${project}:*`] },
    })
    .addRole({ arn: roles.production, principals: [roles.deploy], externalId });
}

import { randomUUID } from 'node:crypto';
import { OAuth2Server } from 'oauth2-mock-server';
import { defaultJob, gitlabClaims, type Job } from './gitlab-claims.ts';

/** What a minted token shall be like. */
export interface TokenOptions {
  readonly audience?: string | readonly string[] | undefined;
  readonly job?: Partial<Job>;
  /** From now; negative for an expired one. */
  readonly expiresInSeconds?: number;
  /** Claims to set, or to take away (undefined), last of all. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Stands for a GitLab instance: discovery, keys, and ID tokens with GitLab's claims. */
export interface Issuer {
  /** Where its discovery document is. */
  readonly url: string;
  /** The claim `iss` of its tokens. */
  readonly name: string;
  mint(options?: TokenOptions): Promise<string>;
  stop(): Promise<void>;
}

/** The paths that GitLab uses, where they differ from the library's. */
const endpoints = { jwks: '/oauth/discovery/keys' };

/**
 * Starts an issuer on this machine, on a free port.
 *
 * @param instance the address that its tokens name; its own where it is left out
 */
export async function startIssuer(instance?: string): Promise<Issuer> {
  const server = new OAuth2Server(undefined, undefined, { endpoints });
  await server.issuer.keys.generate('RS256');
  await server.start(0, '127.0.0.1');
  const url = `http://127.0.0.1:${server.address().port}`;
  server.issuer.url = url;
  const name = instance ?? url;
  return {
    url,
    name,
    async mint({ audience = name, job = {}, expiresInSeconds = 300, claims = {} } = {}) {
      return await server.issuer.buildToken({
        scopesOrTransform: (_header, payload) => {
          const issuedAt = Math.floor(Date.now() / 1000);
          Object.assign(payload, gitlabClaims({ ...defaultJob, ...job }, name), {
            iss: name,
            aud: audience,
            jti: randomUUID(),
            iat: issuedAt,
            nbf: issuedAt - 5,
            exp: issuedAt + expiresInSeconds,
            ...claims,
          });
        },
      });
    },
    stop: () => server.stop(),
  };
}

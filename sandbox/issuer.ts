import { randomUUID } from 'node:crypto';
import { OAuth2Server } from 'oauth2-mock-server';
import { defaultJob, gitlabClaims, type Job } from './gitlab-claims.ts';

/** The properties of a token to issue. */
export interface TokenOptions {
  readonly audience?: string | readonly string[] | undefined;
  readonly job?: Partial<Job>;
  /** From now; negative for an expired token. */
  readonly expiresInSeconds?: number;
  /** Claims to set or, if undefined, to remove; applied last. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** A stand-in for a GitLab instance: discovery, keys, and ID tokens with GitLab's claims. */
export interface Issuer {
  /** The base URL of its discovery document. */
  readonly url: string;
  /** The claim `iss` in its tokens. */
  readonly name: string;
  mint(options?: TokenOptions): Promise<string>;
  stop(): Promise<void>;
}

/** GitLab's paths, if they differ from the library's. */
const endpoints = { jwks: '/oauth/discovery/keys' };

/**
 * Starts an issuer on this machine, on a free port.
 *
 * @param instance the `iss` of its tokens; by default the issuer's own address
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

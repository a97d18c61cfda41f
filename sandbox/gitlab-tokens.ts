import type { IncomingHttpHeaders } from 'node:http';
import type { SandboxProject } from './gitlab-projects.ts';

/** A token of the sandbox's GitLab. */
export interface SandboxToken {
  readonly text: string;
  /** OAuth tokens are accepted only in the header Authorization, access tokens in both. */
  readonly kind: 'access' | 'oauth';
  readonly scopes: readonly string[];
  readonly state?: 'expired' | 'revoked';
  /** The role in all projects: 10 Guest, 20 Reporter, 30 Developer, 40 Maintainer; 0 is no member. */
  readonly level: number;
}

/** The tokens that the sandbox's GitLab starts with. None is realistic, so that no scanner takes them for real. */
export const sandboxTokens = {
  maintainer: { text: 'sandbox-maintainer', kind: 'access', scopes: ['api'], level: 40 },
  oauth: { text: 'sandbox-oauth', kind: 'oauth', scopes: ['api'], level: 40 },
  readOnly: { text: 'sandbox-read-only', kind: 'access', scopes: ['read_api'], level: 40 },
  developer: { text: 'sandbox-developer', kind: 'access', scopes: ['api'], level: 30 },
  reporter: { text: 'sandbox-reporter', kind: 'access', scopes: ['api'], level: 20 },
  stranger: { text: 'sandbox-stranger', kind: 'access', scopes: ['api'], level: 0 },
  repository: { text: 'sandbox-repository', kind: 'access', scopes: ['read_repository'], level: 40 },
  expired: { text: 'sandbox-expired', kind: 'access', scopes: ['api'], level: 40, state: 'expired' },
  revoked: { text: 'sandbox-revoked', kind: 'access', scopes: ['api'], level: 40, state: 'revoked' },
} as const satisfies Record<string, SandboxToken>;

/** An error of GitLab: its status and its JSON body. */
export class ApiRefusal extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    super(`status ${status}`);
    this.status = status;
    this.body = body;
  }
}

/** An error with GitLab's usual body. */
export function refusal(status: number, message: unknown): ApiRefusal {
  return new ApiRefusal(status, { message });
}

/**
 * The token of a request; undefined if there is none.
 * https://docs.gitlab.com/api/rest/authentication/
 *
 * @throws {ApiRefusal} with status 401 if it is not valid
 */
export function tokenOf(
  headers: IncomingHttpHeaders,
  tokens: readonly SandboxToken[],
): SandboxToken | undefined {
  const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
  const text = headers['private-token'] ?? bearer;
  if (text === undefined) return undefined;
  const token = tokens.find((one) => one.text === text && (one.kind === 'access' || text === bearer));
  if (token === undefined) throw refusal(401, '401 Unauthorized');
  if (token.state === 'expired') {
    throw invalidToken('Token is expired. You can either do re-authorization or token refresh.');
  }
  if (token.state === 'revoked') {
    throw invalidToken('Token was revoked. You have to re-authorize from the user.');
  }
  return token;
}

function invalidToken(description: string): ApiRefusal {
  return new ApiRefusal(401, { error: 'invalid_token', error_description: description });
}

/** @throws {ApiRefusal} with status 403 unless the token has one of the scopes */
export function checkScope(token: SandboxToken | undefined, scopes: readonly string[]): void {
  if (token === undefined || token.scopes.some((scope) => scopes.includes(scope))) return;
  throw new ApiRefusal(403, {
    error: 'insufficient_scope',
    error_description: 'The request requires higher privileges than provided by the access token.',
    scope: scopes.join(' '),
  });
}

/** @throws {ApiRefusal} with status 401 or 403 unless the token has the role */
export function checkLevel(token: SandboxToken | undefined, level: number): void {
  if (token === undefined) throw refusal(401, '401 Unauthorized');
  if (token.level < level) throw refusal(403, '403 Forbidden');
}

/** What is not visible looks as if it did not exist. */
export function canSee(token: SandboxToken | undefined, { visibility }: SandboxProject): boolean {
  if (visibility === 'public') return true;
  return token !== undefined && (visibility === 'internal' || token.level > 0);
}

import { isMapped } from '../identity/claim-condition-keys.ts';
import type { Claims } from '../identity/claims.ts';
import { providerName } from '../identity/issuer.ts';

/** The condition keys of a request, in lower case because keys are not case-sensitive. */
export type Context = ReadonlyMap<string, readonly string[]>;

/** An AssumeRoleWithWebIdentity request to evaluate. */
export interface TrustRequest {
  /** IAM's name of the provider. */
  readonly provider: string;
  /** The account and partition of the role, if known. */
  readonly account: string | undefined;
  readonly partition: string | undefined;
  readonly context: Context;
}

/**
 * Creates the request for a token: the claims that are AWS condition keys, and the time.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
 *
 * @param extra additional keys and values that only AWS knows, such as `aws:SourceIp`
 */
export function trustRequest(
  claims: Claims,
  role: { readonly account: string; readonly partition: string } | undefined,
  now: Date,
  extra: Readonly<Record<string, string>> = {},
): TrustRequest {
  const provider = providerName(String(claims.iss ?? ''));
  const context = new Map<string, readonly string[]>([
    ['aws:currenttime', [now.toISOString()]],
    ['aws:epochtime', [String(Math.floor(now.getTime() / 1000))]],
    ['aws:securetransport', ['true']],
  ]);
  for (const [name, value] of Object.entries(claims)) {
    if (isMapped(provider, name) === false) continue;
    const values = [value].flat().flatMap(asText);
    if (values.length > 0) context.set(`${provider}:${name}`.toLowerCase(), values);
  }
  // AWS uses azp as the audience if a token has both
  if (typeof claims.azp === 'string') context.set(`${provider}:aud`.toLowerCase(), [claims.azp]);
  for (const [key, value] of Object.entries(extra)) context.set(key.toLowerCase(), [value]);
  return { provider, account: role?.account, partition: role?.partition, context };
}

function asText(value: unknown): readonly string[] {
  return ['string', 'number', 'boolean'].includes(typeof value) ? [String(value)] : [];
}

import type { Claims } from '../identity/claims.ts';
import { isMapped, providerName } from '../identity/issuer.ts';

/** What IAM knows of one request: keys in small letters, since their case does not count. */
export type Context = ReadonlyMap<string, readonly string[]>;

/** An AssumeRoleWithWebIdentity that a policy decides on. */
export interface TrustRequest {
  /** The provider's name, as IAM spells it. */
  readonly provider: string;
  /** The account and partition of the role, where they are known. */
  readonly account: string | undefined;
  readonly partition: string | undefined;
  readonly context: Context;
}

/**
 * The request that a token makes: the claims that AWS makes condition keys of, the session, and the time.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
 *
 * @param extra further keys and values, such as `aws:SourceIp`, which nobody knows but AWS
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
  // where a token has both, AWS takes the authorized party for the audience
  if (typeof claims.azp === 'string') context.set(`${provider}:aud`.toLowerCase(), [claims.azp]);
  for (const [key, value] of Object.entries(extra)) context.set(key.toLowerCase(), [value]);
  return { provider, account: role?.account, partition: role?.partition, context };
}

function asText(value: unknown): readonly string[] {
  return ['string', 'number', 'boolean'].includes(typeof value) ? [String(value)] : [];
}

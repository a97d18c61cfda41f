import { lookAlikeOf } from './look-alike.ts';
import type { IdentityProvider } from './provider.ts';
import type { Severity } from './rule.ts';

/** A violation of a rule by an identity provider, or by a role as a part of its account. */
export interface AccountHit {
  readonly rule: AccountRuleId;
  readonly detail: string;
  readonly reason: string;
  readonly fix: string;
}

/** The rules for providers, and for trust policies as a part of their account, with their severities. */
export const accountRules = {
  'issuer-look-alike': 'critical',
  'provider-other-account': 'major',
  'audience-not-in-provider': 'major',
  'provider-unreachable': 'major',
  'guest-permissions': 'major',
  'provider-missing': 'minor',
  'provider-audiences': 'minor',
  'provider-thumbprint': 'minor',
  'provider-duplicate': 'minor',
  'provider-unused': 'minor',
} as const satisfies Readonly<Record<string, Severity>>;

export type AccountRuleId = keyof typeof accountRules;

/** One for AWS, and another one while it is replaced. */
const maxAudiences = 2;

/**
 * Finds risks in the definition of a provider.
 *
 * @param roles the number of roles that trust it; undefined if this is unknown
 * @param others the other providers of the account
 */
export function lintProvider(
  provider: IdentityProvider,
  roles: number | undefined,
  others: readonly IdentityProvider[] = [],
): readonly AccountHit[] {
  return [
    ...lookAlikeHits(provider.name),
    ...duplicateHits(provider, others),
    ...audienceHits(provider),
    ...thumbprintHits(provider),
    ...(roles === 0 ? [unused(provider)] : []),
  ];
}

/** Finds a name that resembles a well-known issuer's. */
export function lookAlikeHits(name: string): readonly AccountHit[] {
  const resembled = lookAlikeOf(name);
  if (resembled === undefined) return [];
  return [
    {
      rule: 'issuer-look-alike',
      detail: `"${name}"`,
      reason: `The name resembles ${resembled}, but its owner can issue any token.`,
      fix: `Find out who owns it. If ${resembled} is meant, trust that issuer instead.`,
    },
  ];
}

/** Providers whose names differ only in a path: tokens have one of the two issuers, if the service has not moved. */
function duplicateHits(
  { name }: IdentityProvider,
  others: readonly IdentityProvider[],
): readonly AccountHit[] {
  const other = others.find((one) => name.toLowerCase().startsWith(`${one.name.toLowerCase()}/`));
  if (other === undefined) return [];
  return [
    {
      rule: 'provider-duplicate',
      detail: `${name} and ${other.name}`,
      reason:
        'A service has one issuer: one of the two is probably left over, and may be served by somebody else.',
      fix: 'Delete the provider that is not the iss of current tokens.',
    },
  ];
}

function audienceHits({ audiences = [] }: IdentityProvider): readonly AccountHit[] {
  if (audiences.length <= maxAudiences) return [];
  return [
    {
      rule: 'provider-audiences',
      detail: `${audiences.length} client IDs`,
      reason: 'Tokens for each of these audiences are accepted by every role that does not pin "aud".',
      fix: 'Remove the client IDs that no role pins: aws iam remove-client-id-from-open-id-connect-provider.',
    },
  ];
}

function thumbprintHits({ thumbprints, name }: IdentityProvider): readonly AccountHit[] {
  return thumbprints.flatMap((thumbprint) => {
    const problem = thumbprintProblem(thumbprint);
    if (problem === undefined) return [];
    return [
      {
        rule: 'provider-thumbprint',
        detail: `the thumbprint "${thumbprint}" ${problem}`,
        reason: `AWS compares it only if the certificate of ${name.split('/')[0]} is not signed by a public authority that AWS trusts; then no token is accepted.`,
        fix: 'Let AWS compute it: aws iam update-open-id-connect-provider-thumbprint, or create the provider without one.',
      },
    ];
  });
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html */
function thumbprintProblem(thumbprint: string): string | undefined {
  if (thumbprint.length !== 40) return `has ${thumbprint.length} characters instead of 40`;
  if (!/^[0-9a-f]*$/i.test(thumbprint)) return 'is not hexadecimal';
  if (obsolete.has(thumbprint.toLowerCase())) return 'is obsolete: the service has changed its certificate';
  const isRepeated = /^(.{1,10})\1+$/.test(thumbprint);
  return isRepeated || counting.includes(thumbprint.toLowerCase()) ? 'is a placeholder' : undefined;
}

const counting = ['0123456789abcdef0123456789abcdef01234567', '1234567890abcdef1234567890abcdef12345678'];

/** GitHub's until 2022. */
const obsolete: ReadonlySet<string> = new Set(['a031c46782e6e6c662c2c87c76da9aa62ccabd8e']);

function unused({ name }: IdentityProvider): AccountHit {
  return {
    rule: 'provider-unused',
    detail: `no role trusts ${name}`,
    reason: 'A provider that is not needed makes it easier to trust the issuer by mistake.',
    fix: 'Delete it: aws iam delete-open-id-connect-provider.',
  };
}

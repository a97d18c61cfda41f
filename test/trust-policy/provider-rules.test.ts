import { describe, expect, it } from 'vitest';
import { lintInAccount } from '../../src/trust-policy/account-rules.ts';
import { findPolicies } from '../../src/trust-policy/find-policies.ts';
import { lookAlikeOf } from '../../src/trust-policy/look-alike.ts';
import type { IdentityProvider } from '../../src/trust-policy/provider.ts';
import { lintProvider } from '../../src/trust-policy/provider-rules.ts';

const good: IdentityProvider = {
  arn: 'arn:aws:iam::111111111111:oidc-provider/gitlab.com',
  name: 'gitlab.com',
  audiences: ['https://gitlab.com'],
  thumbprints: ['b3dd7606d2b5a8b4a13771dbecc9ee1cecafa38a'],
};

const rulesOf = (provider: IdentityProvider, roles: number | undefined = 1) =>
  lintProvider(provider, roles).map(({ rule }) => rule);

describe('lintProvider', () => {
  it('finds nothing in a provider that is used', () => {
    expect(rulesOf(good)).toEqual([]);
    expect(rulesOf({ ...good, thumbprints: [], audiences: undefined }, undefined)).toEqual([]);
  });

  it('finds a provider that no role uses', () => {
    expect(rulesOf(good, 0)).toEqual(['provider-unused']);
  });

  it('finds too many audiences', () => {
    expect(rulesOf({ ...good, audiences: ['1', '2'] })).toEqual([]);
    expect(rulesOf({ ...good, audiences: ['1', '2', '3'] })).toEqual(['provider-audiences']);
  });

  it('finds two providers of one service', () => {
    const other = (name: string) => lintProvider({ ...good, name }, 1, [good]).map(({ rule }) => rule);
    expect(other('gitlab.com/gitlab')).toEqual(['provider-duplicate']);
    expect(other('gitlab.example.com')).toEqual([]);
  });

  it.each([
    ['f'.repeat(40), 'is a placeholder'],
    ['0'.repeat(40), 'is a placeholder'],
    ['1234567890'.repeat(4), 'is a placeholder'],
    ['deadbeef'.repeat(5), 'is a placeholder'],
    ['0123456789abcdef0123456789abcdef01234567', 'is a placeholder'],
    ['b3dd7606d2b5a8b4a13771dbecc9ee1cecafa38', 'has 39 characters instead of 40'],
    ['a031c46782e6e6c662c2c87c76da9aa62ccabd8e', 'is obsolete: the service has changed its certificate'],
    ['', 'has 0 characters instead of 40'],
    ['x3dd7606d2b5a8b4a13771dbecc9ee1cecafa38a', 'is not hexadecimal'],
  ])('finds the thumbprint "%s"', (thumbprint, problem) => {
    const [hit] = lintProvider({ ...good, thumbprints: [thumbprint] }, 1);
    expect(hit).toMatchObject({
      rule: 'provider-thumbprint',
      detail: `the thumbprint "${thumbprint}" ${problem}`,
    });
    expect(hit?.reason).toContain('AWS compares it only if');
  });
});

describe('lookAlikeOf', () => {
  it.each([
    ['gitIab.com', 'gitlab.com'],
    ['gitlab.com.example.net', 'gitlab.com'],
    ['gitlab.co', 'gitlab.com'],
    ['gitlba.com', 'gitlab.com'],
    ['gitlabb.com/x', 'gitlab.com'],
    ['gitlab-com.example.net', 'gitlab.com'],
    ['g\u0131tlab.com', 'gitlab.com'],
    ['xn--gtlab-n4a.com', 'gitlab.com'],
    ['token.actions.githubusercontent.com.evil.example', 'token.actions.githubusercontent.com'],
    ['tokens.actions.githubusercontent.com', 'token.actions.githubusercontent.com'],
    ['oidc.circ1eci.com/org/a', 'oidc.circleci.com'],
  ])('knows that %s resembles %s', (name, known) => {
    expect(lookAlikeOf(name)).toBe(known);
  });

  it.each([
    'gitlab.com',
    'GitLab.com',
    'gitlab.example.com',
    'gitlab.company.com',
    'git.example.com',
    'token.actions.githubusercontent.com/acme',
    'oidc.circleci.com/org/a',
    'oidc.eks.eu-central-1.amazonaws.com/id/A',
    'api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc',
    'app.eu.terraform.io',
    'accounts.example.com',
    '',
  ])('does not suspect %s', (name) => {
    expect(lookAlikeOf(name)).toBeUndefined();
  });
});

describe('lintInAccount', () => {
  const rules = (
    host: string,
    account: string,
    providers: readonly IdentityProvider[] | undefined,
    Condition: unknown = {},
  ) => {
    const statement = {
      Condition,
      Effect: 'Allow',
      Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${host}` },
      Action: 'sts:AssumeRoleWithWebIdentity',
    };
    const [found] = findPolicies(JSON.stringify({ Version: '2012-10-17', Statement: statement }));
    return lintInAccount(found!.policy, '111111111111', providers).map(({ rule }) => rule);
  };

  it('finds nothing for a provider that exists, or may exist', () => {
    expect(rules('gitlab.com', '111111111111', [good])).toEqual([]);
    expect(rules('gitlab.com', '111111111111', undefined)).toEqual([]);
  });

  it('finds an audience that the provider does not have', () => {
    const aud = (value: unknown, operator = 'StringEquals') =>
      rules('gitlab.com', '111111111111', [good], { [operator]: { 'gitlab.com:aud': value } });
    expect(aud('vault')).toEqual(['audience-not-in-provider']);
    expect(aud(['vault', 'https://gitlab.com'])).toEqual([]);
    expect(aud('https://gitlab.com')).toEqual([]);
    expect(aud('vault', 'StringEqualsIfExists')).toEqual([]);
    expect(
      rules('gitlab.com', '111111111111', [{ ...good, audiences: undefined }], {
        StringEquals: { 'gitlab.com:aud': 'vault' },
      }),
    ).toEqual([]);
  });

  it('finds providers that do not exist, of other accounts, and with misleading names', () => {
    expect(rules('git.example.com', '111111111111', [good])).toEqual(['provider-missing']);
    expect(rules('gitlab.com', '222222222222', [good])).toEqual(['provider-other-account']);
    expect(rules('gitIab.com', '111111111111', undefined)).toEqual(['issuer-look-alike']);
  });
});

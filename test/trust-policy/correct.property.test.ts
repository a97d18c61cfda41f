import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trustRequest } from '../../src/trust-policy/context.ts';
import { correctedPolicy } from '../../src/trust-policy/correct.ts';
import { evaluate } from '../../src/trust-policy/evaluate.ts';
import { findPolicies } from '../../src/trust-policy/find-policies.ts';

const role = { account: '111111111111', partition: 'aws' };
const now = new Date('2026-01-01T00:10:00Z');
const hosts = ['gitlab.com', 'gitlab.example.com', 'gitlab.example.com:8443/git', 'oidc.circleci.com/org/1'];

const paths = ['acme/shop', 'acme/shop-2', 'acme/group/shop', 'Acme/shop', 'evil/shop', 'a*e/s?op', 'x/${y}'];
const refs = ['main', 'dev', 'release/1', 'ma*n', 'v1'];

interface Token {
  readonly host: string;
  readonly path: string;
  readonly type: string;
  readonly ref: string;
  readonly aud: string;
  readonly id: string;
  readonly isProtected: string;
}

const tokens: fc.Arbitrary<Token> = fc.record({
  host: fc.constantFrom(...hosts),
  path: fc.constantFrom(...paths),
  type: fc.constantFrom('branch', 'tag'),
  ref: fc.constantFrom(...refs),
  aud: fc.constantFrom('https://gitlab.com', 'https://gitlab.example.com', 'sts.amazonaws.com', 'a*'),
  id: fc.constantFrom('20', '21'),
  isProtected: fc.constantFrom('true', 'false'),
});

const claimsOf = ({ host, path, type, ref, aud, id, isProtected }: Token) => ({
  iss: `https://${host}`,
  sub: `project_path:${path}:ref_type:${type}:ref:${ref}`,
  aud,
  project_path: path,
  project_id: id,
  namespace_id: `7${id}`,
  ref_protected: isProtected,
  user_login: 'dev',
});

const principal = fc.oneof(
  fc.constantFrom<unknown>(
    '*',
    { AWS: '*' },
    { AWS: 'arn:aws:iam::111111111111:root' },
    { Service: 'ec2.amazonaws.com' },
    { Federated: '*' },
    { Federated: 'gitlab.com' },
    { Federated: 'arn:aws:iam::111111111111:saml-provider/x' },
  ),
  fc
    .tuple(
      fc.constantFrom('111111111111', '222222222222'),
      fc.constantFrom('', 'https://'),
      fc.constantFrom(...hosts, '*'),
    )
    .map(([account, scheme, host]) => ({
      Federated: `arn:aws:iam::${account}:oidc-provider/${scheme}${host}`,
    })),
);

const value = fc.oneof(
  fc.constantFrom(
    '*',
    'true',
    'https://gitlab.com',
    '20',
    '72*',
    'project_path:*',
    '${gitlab.com:sub}',
    '1.2.3.4/32',
  ),
  tokens.map((token) => claimsOf(token).sub),
  tokens.map((token) => claimsOf(token).sub.replace(/[^:]+$/, '*')),
);

const condition = fc.record({
  operator: fc.constantFrom(
    'StringEquals',
    'StringLike',
    'StringNotLike',
    'StringEqualsIfExists',
    'ForAnyValue:StringLike',
    'ForAllValues:StringEquals',
    'ArnLike',
    'Null',
    'Bool',
    'StringEqual',
    'IpAddress',
  ),
  key: fc.oneof(
    fc
      .tuple(
        fc.constantFrom(...hosts),
        fc.constantFrom('sub', 'aud', 'project_id', 'user_login', 'project_path'),
      )
      .map((parts) => parts.join(':')),
    fc.constantFrom('sts:ExternalId', 'aws:PrincipalOrgID', 'aws:SecureTransport', 'https://gitlab.com:sub'),
  ),
  values: fc.oneof(value, fc.array(value, { maxLength: 3 })),
});

const statement = fc
  .record({
    Effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
    principal: fc.tuple(fc.constantFrom('Principal', 'Principal', 'NotPrincipal'), principal),
    action: fc.tuple(
      fc.constantFrom('Action', 'Action', 'NotAction'),
      fc.constantFrom('sts:AssumeRoleWithWebIdentity', 'sts:AssumeRole', 'sts:*', '*', 'sts:TagSession'),
    ),
    conditions: fc.array(condition, { maxLength: 4 }),
  })
  .map(({ Effect, principal, action, conditions }) => {
    const Condition: Record<string, Record<string, unknown>> = {};
    for (const { operator, key, values } of conditions)
      Condition[operator] = { ...Condition[operator], [key]: values };
    return { Effect, [principal[0]]: principal[1], [action[0]]: action[1], Condition };
  });

const policies = fc.record({
  Version: fc.constantFrom('2012-10-17', '2008-10-17'),
  Statement: fc.oneof(statement, fc.array(statement, { minLength: 1, maxLength: 3 })),
});

const decide = (policy: unknown, token: Token) => {
  const [found] = findPolicies(JSON.stringify(policy));
  if (found === undefined) throw new Error('no policy');
  const request = trustRequest(claimsOf(token), role, now);
  const evaluation = evaluate(found.policy, request);
  return { found, request, evaluation };
};

/** The same token, but for one thing. */
const others = (token: Token): readonly Token[] => [
  ...paths.filter((path) => path !== token.path).map((path) => ({ ...token, path })),
  ...refs.filter((ref) => ref !== token.ref).map((ref) => ({ ...token, ref })),
  { ...token, type: token.type === 'tag' ? 'branch' : 'tag' },
  { ...token, aud: 'another' },
  ...hosts.filter((host) => host !== token.host).map((host) => ({ ...token, host })),
  // another project that took the path
  ...(token.host === 'gitlab.com' ? [{ ...token, id: token.id === '20' ? '21' : '20' }] : []),
];

describe('correctedPolicy', () => {
  it('allows exactly this token, whatever the policy was', () => {
    let corrected = 0;
    fc.assert(
      fc.property(policies, tokens, (policy, token) => {
        const { found, request, evaluation } = decide(policy, token);
        const result = correctedPolicy(found.json, evaluation, request);
        if (result === undefined) return;
        corrected++;
        expect(decide(result, token).evaluation.decision).toBe('allow');
        // of another issuer's tokens those may get in that statements about that issuer let in before
        for (const other of others(token)) {
          const now = decide(result, other).evaluation;
          if (other.host === token.host) expect(now.decision).not.toBe('allow');
          else if (now.allowed) expect(decide(policy, other).evaluation.allowed).toBe(true);
        }
      }),
      { numRuns: 5000 },
    );
    expect(corrected).toBeGreaterThan(1000);
  });
});

import { describe, expect, it } from 'vitest';
import { trustRequest } from '../../src/trust-policy/context.ts';
import { evaluate } from '../../src/trust-policy/evaluate.ts';
import { findPolicies } from '../../src/trust-policy/find-policies.ts';

const claims = {
  iss: 'https://gitlab.com',
  aud: 'https://gitlab.com',
  sub: 'project_path:acme/shop:ref_type:branch:ref:main',
  project_id: 20,
  ref_protected: true,
  environment: 'production',
};
const role = { account: '111111111111', partition: 'aws' };
const now = new Date('2026-01-01T00:00:00Z');
const provider = 'arn:aws:iam::111111111111:oidc-provider/gitlab.com';
const action = 'sts:AssumeRoleWithWebIdentity';

type Json = Record<string, unknown>;

function decide(statement: Json | readonly Json[], over: Json = {}) {
  const [found] = findPolicies(JSON.stringify({ Version: '2012-10-17', Statement: statement }));
  return evaluate(found!.policy, trustRequest({ ...claims, ...over }, role, now));
}

const allow = { Effect: 'Allow', Principal: { Federated: provider }, Action: action };

describe('evaluate', () => {
  it.each<[string, Json | Json[], string]>([
    ['an Allow without conditions', allow, 'allow'],
    ['one statement in place of a list', [allow], 'allow'],
    ['one of several actions', { ...allow, Action: ['sts:TagSession', action] }, 'allow'],
    ['an action in other letters', { ...allow, Action: 'STS:assumerolewithwebidentity' }, 'allow'],
    ['an action with a wildcard', { ...allow, Action: 'sts:AssumeRole*' }, 'allow'],
    ['every action', { ...allow, Action: '*' }, 'allow'],
    ['another action', { ...allow, Action: 'sts:AssumeRole' }, 'implicit-deny'],
    ['NotAction with another one', { ...allow, Action: undefined, NotAction: 'sts:AssumeRole' }, 'allow'],
    ['NotAction with this one', { ...allow, Action: undefined, NotAction: action }, 'implicit-deny'],
    ['one of several providers', { ...allow, Principal: { Federated: ['x', provider] } }, 'allow'],
    ['anyone', { ...allow, Principal: '*' }, 'allow'],
    ['anyone of AWS, which is the same', { ...allow, Principal: { AWS: '*' } }, 'allow'],
    ['an account', { ...allow, Principal: { AWS: 'arn:aws:iam::111111111111:root' } }, 'implicit-deny'],
    ['a service', { ...allow, Principal: { Service: 'ec2.amazonaws.com' } }, 'implicit-deny'],
    [
      'the provider of another account',
      { ...allow, Principal: { Federated: provider.replace('1111', '2222') } },
      'implicit-deny',
    ],
    [
      'the provider of another partition',
      { ...allow, Principal: { Federated: provider.replace('aws', 'aws-cn') } },
      'implicit-deny',
    ],
    ['another provider', { ...allow, Principal: { Federated: `${provider}.example` } }, 'implicit-deny'],
    [
      'NotPrincipal',
      { ...allow, Principal: undefined, NotPrincipal: { Federated: provider } },
      'implicit-deny',
    ],
    ['a Deny beside an Allow', [allow, { ...allow, Effect: 'Deny' }], 'explicit-deny'],
    ['a Deny before an Allow', [{ ...allow, Effect: 'Deny' }, allow], 'explicit-deny'],
    [
      'a Deny that does not apply',
      [allow, { ...allow, Effect: 'Deny', Condition: { StringEquals: { 'gitlab.com:sub': 'x' } } }],
      'allow',
    ],
    ['only a Deny', { ...allow, Effect: 'Deny' }, 'explicit-deny'],
    [
      'two operators, one not met',
      {
        ...allow,
        Condition: {
          StringEquals: { 'gitlab.com:aud': 'https://gitlab.com' },
          StringLike: { 'gitlab.com:sub': 'x*' },
        },
      },
      'implicit-deny',
    ],
    [
      'a claim that is a number',
      { ...allow, Condition: { StringEquals: { 'gitlab.com:project_id': '20' } } },
      'allow',
    ],
    [
      'a claim that is a boolean',
      { ...allow, Condition: { Bool: { 'gitlab.com:ref_protected': true } } },
      'allow',
    ],
    [
      'a claim that AWS does not map',
      { ...allow, Condition: { StringEquals: { 'gitlab.com:environment': 'production' } } },
      'implicit-deny',
    ],
    [
      'its negation, which is always met',
      { ...allow, Condition: { StringNotEquals: { 'gitlab.com:environment': 'production' } } },
      'allow',
    ],
    [
      'the time',
      { ...allow, Condition: { DateLessThan: { 'aws:CurrentTime': '2025-01-01T00:00:00Z' } } },
      'implicit-deny',
    ],
  ])('evaluates a policy of %s', (_, statement, decision) => {
    expect(decide(statement).decision).toBe(decision);
  });

  it('has keys only for sub and aud on a self-managed instance', () => {
    const own = { iss: 'https://gitlab.example.com', aud: 'https://gitlab.example.com' };
    const trusting = (condition: Json) => ({
      ...allow,
      Principal: { Federated: 'arn:aws:iam::111111111111:oidc-provider/gitlab.example.com' },
      Condition: { StringEquals: condition },
    });
    expect(decide(trusting({ 'gitlab.example.com:sub': claims.sub }), own).allowed).toBe(true);
    expect(decide(trusting({ 'gitlab.example.com:project_id': '20' }), own).allowed).toBe(false);
  });

  it("has a key for CircleCI's project, whose name contains a slash", () => {
    const name = 'oidc.circleci.com/org/aaaa';
    const statement = {
      ...allow,
      Principal: { Federated: `arn:aws:iam::111111111111:oidc-provider/${name}` },
      Condition: { StringEquals: { [`${name}:oidc.circleci.com/project-id`]: 'bbbb' } },
    };
    expect(
      decide(statement, { iss: `https://${name}`, 'oidc.circleci.com/project-id': 'bbbb' }).allowed,
    ).toBe(true);
    expect(
      decide(statement, { iss: `https://${name}`, 'oidc.circleci.com/project-id': 'cccc' }).allowed,
    ).toBe(false);
  });

  it('uses the authorized party as the audience, as AWS does', () => {
    const statement = { ...allow, Condition: { StringEquals: { 'gitlab.com:aud': 'client' } } };
    expect(decide(statement, { azp: 'client' }).allowed).toBe(true);
  });

  it('reports which part of each statement is not met', () => {
    const { statements } = decide([
      { ...allow, Action: 'sts:AssumeRole' },
      {
        ...allow,
        Condition: { StringEquals: { 'gitlab.com:sub': 'x', 'gitlab.com:aud': 'https://gitlab.com' } },
      },
    ]);
    expect(statements[0]).toMatchObject({ applies: false, principalMet: true, actionMet: false });
    expect(statements[1]?.conditions.map(({ met }) => met)).toEqual([false, true]);
  });

  it.each([
    ['ten thousand stars', `${'*a'.repeat(10_000)}`],
    ['stars in a row', '*'.repeat(10_000)],
    ['a long pattern that almost matches', `*${'a'.repeat(10_000)}b`],
    ['question marks between stars', '*?'.repeat(5000)],
  ])('does not take exponential time for %s', (_, pattern) => {
    const sub = 'a'.repeat(15_000);
    const statement = { ...allow, Condition: { StringLike: { 'gitlab.com:sub': pattern } } };
    expect(typeof decide(statement, { sub }).allowed).toBe('boolean');
  });
});

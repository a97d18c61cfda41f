import { describe, expect, it } from 'vitest';
import { findPolicies } from '../../src/trust-policy/find-policies.ts';
import { inOneSentence, whoCanAssume } from '../../src/trust-policy/who-can-assume.ts';

type Json = Record<string, unknown>;

const gitlab = { Federated: 'arn:aws:iam::111111111111:oidc-provider/gitlab.com' };
const main = 'project_path:acme/shop:ref_type:branch:ref:main';
const aud = { 'gitlab.com:aud': 'https://gitlab.com' };

const allow = (Condition: unknown, over: Json = {}) => {
  return { Effect: 'Allow', Principal: gitlab, Action: 'sts:AssumeRoleWithWebIdentity', Condition, ...over };
};
const deny = (Condition: unknown, over: Json = {}) => ({ ...allow(Condition, over), Effect: 'Deny' });

function who(...statements: readonly unknown[]): readonly string[] {
  const [found] = findPolicies(JSON.stringify({ Version: '2012-10-17', Statement: statements }));
  return whoCanAssume(found!.policy).map(inOneSentence);
}

const equals = (sub: unknown, more: Json = {}) => ({
  StringEquals: { ...aud, 'gitlab.com:sub': sub, ...more },
});
const like = (sub: unknown) => ({ StringEquals: aud, StringLike: { 'gitlab.com:sub': sub } });

describe('whoCanAssume', () => {
  it.each<[string, readonly unknown[], readonly string[]]>([
    ['one branch', [allow(equals(main))], ['branch main of acme/shop on gitlab.com']],
    [
      'several values, broadest first',
      [allow(like([main, 'project_path:acme/*']))],
      ['every project in acme on gitlab.com', 'branch main of acme/shop on gitlab.com'],
    ],
    [
      'several statements',
      [allow(equals(main)), allow({ StringEquals: aud })],
      [
        'any project on gitlab.com, only if aud is "https://gitlab.com"',
        'branch main of acme/shop on gitlab.com',
      ],
    ],
    [
      'two conditions on sub, of which the narrower counts',
      [
        allow({
          StringEquals: { 'gitlab.com:sub': main },
          StringLike: { 'gitlab.com:sub': 'project_path:*' },
        }),
      ],
      ['branch main of acme/shop on gitlab.com, only if sub matches "project_path:*"'],
    ],
    [
      'other claims',
      [allow(equals(main, { 'gitlab.com:project_id': ['20', '21'] }))],
      ['branch main of acme/shop on gitlab.com, only if project_id is "20" or "21"'],
    ],
    [
      'conditions on the request',
      [allow({ ...equals(main), IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } })],
      ['branch main of acme/shop on gitlab.com, only if aws:SourceIp IpAddress "192.0.2.0/24"'],
    ],
    [
      'upper and lower case',
      [allow({ StringEqualsIgnoreCase: { 'gitlab.com:sub': main } })],
      ['branch main of acme/shop on gitlab.com, in upper or lower case'],
    ],
    [
      'a condition that an absent sub meets',
      [allow({ StringEqualsIfExists: { 'gitlab.com:sub': main } })],
      ['any token of gitlab.com without a sub', 'branch main of acme/shop on gitlab.com'],
    ],
    ['a variable', [allow(equals('${gitlab.com:sub}'))], ['any project on gitlab.com']],
    ['another variable', [allow(like('project_path:${aws:username}/*'))], ['any project on gitlab.com']],
    [
      'a Deny for all other subjects',
      [allow({ StringEquals: aud }), deny({ StringNotLike: { 'gitlab.com:sub': 'project_path:acme/*' } })],
      ['every project in acme on gitlab.com'],
    ],
    [
      'a Deny that a missing variable turns off',
      [allow({ StringEquals: aud }), deny({ StringNotLike: { 'gitlab.com:sub': 'x${aws:username}' } })],
      ['any project on gitlab.com, only if aud is "https://gitlab.com"'],
    ],
    ['a Deny for everything', [allow(equals(main)), deny(undefined, { Principal: '*' })], []],
    ['another action', [allow(equals(main), { Action: 'sts:AssumeRole' })], []],
    ['a list without values', [allow(equals([]))], []],
    [
      'everyone',
      [allow(undefined, { Principal: '*' })],
      ['any token of any identity provider in the account'],
    ],
    [
      'everyone, as far as they have a claim of one issuer',
      [allow(equals(main), { Principal: { AWS: '*' } })],
      ['branch main of acme/shop on gitlab.com'],
    ],
    [
      'everyone but one',
      [allow(undefined, { Principal: undefined, NotPrincipal: gitlab })],
      ['any token of any identity provider in the account'],
    ],
    [
      'two providers',
      [
        allow(equals(main), {
          Principal: {
            Federated: [gitlab.Federated, 'arn:aws:iam::111111111111:oidc-provider/git.example.com'],
          },
        }),
      ],
      [
        'any token of git.example.com, only if aud is "https://gitlab.com" and sub is "project_path:acme/shop:ref_type:branch:ref:main"',
        'branch main of acme/shop on gitlab.com',
      ],
    ],
    [
      'a provider that IAM knows by name',
      [
        allow(
          { StringEquals: { 'cognito-identity.amazonaws.com:aud': 'eu-central-1:1' } },
          { Principal: { Federated: 'cognito-identity.amazonaws.com' } },
        ),
      ],
      ['any token of cognito-identity.amazonaws.com, only if aud is "eu-central-1:1"'],
    ],
    [
      'an AWS account',
      [allow(undefined, { Principal: { AWS: '111111111111' }, Action: 'sts:AssumeRole' })],
      [],
    ],
  ])('describes %s', (_, statements, words) => {
    expect(who(...statements)).toEqual(words);
  });
});

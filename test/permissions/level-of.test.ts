import { describe, expect, it } from 'vitest';
import { readIdentityPolicy } from '../../src/permissions/identity-policy.ts';
import { levelOf } from '../../src/permissions/level-of.ts';

const role = {
  arn: 'arn:aws:iam::111111111111:role/ci/deploy',
  policyArns: ['arn:aws:iam::111111111111:policy/own'],
};

type Json = Record<string, unknown>;

const allow = (Action: unknown, Resource: unknown = '*', over: Json = {}) => {
  return { Effect: 'Allow', Action, Resource, ...over };
};
const deny = (Action: unknown, Resource: unknown = '*', over: Json = {}) => {
  return { Effect: 'Deny', Action, Resource, ...over };
};
const except = (NotAction: unknown, Resource: unknown = '*') => ({ Effect: 'Allow', NotAction, Resource });

const condition = { Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-central-1' } } };

const cases: readonly (readonly [what: string, level: string, statements: readonly Json[]])[] = [
  ['everything', 'administrator', [allow('*')]],
  ['everything, written as *:*', 'administrator', [allow(['*:*'])]],
  ['everything, under a condition', 'administrator', [allow('*', '*', condition)]],
  ['everything except one service', 'administrator', [except(['s3:*'])]],
  ['everything, without one service', 'administrator', [allow('*'), deny('organizations:*')]],
  ['everything except IAM', 'privilege-escalation', [except(['iam:*', 'organizations:*'])]],
  ['everything except IAM and STS', 'full-service', [except(['iam:*', 'sts:*'])]],
  ['everything, without IAM and STS', 'full-service', [allow('*'), deny(['iam:*', 'sts:AssumeRole'])]],
  ['everything, without IAM under a condition', 'administrator', [allow('*'), deny('iam:*', '*', condition)]],
  ['everything, without IAM for one role', 'administrator', [allow('*'), deny('iam:*', role.arn)]],
  ['everything on a bucket', 'limited', [allow('*', 'arn:aws:s3:::shop/*')]],
  ['passing any role', 'privilege-escalation', [allow('iam:PassRole')]],
  ['passing any role, by a pattern', 'privilege-escalation', [allow('iam:Pass*', 'arn:aws:iam::*:role/*')]],
  ['passing any role to a service', 'privilege-escalation', [allow('iam:PassRole', '*', condition)]],
  ['passing one role', 'limited', [allow('iam:PassRole', 'arn:aws:iam::111111111111:role/task')]],
  ['passing itself', 'limited', [allow('iam:PassRole', role.arn)]],
  ['passing roles with a prefix', 'limited', [allow('iam:PassRole', 'arn:aws:iam::111111111111:role/app-*')]],
  ['passing any role, denied', 'none', [allow('iam:PassRole'), deny('iam:*')]],
  [
    'passing any role, denied except for one',
    'privilege-escalation',
    [allow('iam:PassRole'), { Effect: 'Deny', Action: 'iam:PassRole', NotResource: role.arn }],
  ],
  ['assuming any role', 'privilege-escalation', [allow('sts:AssumeRole')]],
  [
    'assuming any role of another account',
    'privilege-escalation',
    [allow('sts:AssumeRole', 'arn:aws:iam::222222222222:role/*')],
  ],
  ['assuming one role', 'limited', [allow('sts:AssumeRole', 'arn:aws:iam::222222222222:role/x')]],
  ['policies of any role', 'privilege-escalation', [allow('iam:PutRolePolicy')]],
  ['its own policies', 'privilege-escalation', [allow('iam:AttachRolePolicy', role.arn)]],
  [
    'a policy that is attached to it',
    'privilege-escalation',
    [allow('iam:CreatePolicyVersion', role.policyArns[0])],
  ],
  [
    'policies of one other role',
    'iam-write',
    [allow('iam:PutRolePolicy', 'arn:aws:iam::111111111111:role/other')],
  ],
  [
    'everything but a role',
    'privilege-escalation',
    [{ Effect: 'Allow', Action: 'iam:PutRolePolicy', NotResource: role.arn }],
  ],
  ['all of IAM', 'privilege-escalation', [allow('iam:*')]],
  ['creating roles', 'iam-write', [allow('iam:CreateRole')]],
  ['tagging in IAM', 'iam-write', [allow(['iam:Tag*', 'iam:Get*'])]],
  ['reading IAM', 'read-only', [allow(['iam:Get*', 'iam:List*'])]],
  ['a role for a service', 'limited', [allow('iam:CreateServiceLinkedRole')]],
  ['a service', 'full-service', [allow('s3:*')]],
  ['a service, by its ARN', 'full-service', [allow('s3:*', 'arn:aws:s3:::*')]],
  ['a service, any action of one character or more', 'full-service', [allow('s3:?*')]],
  ['a service in a region', 'full-service', [allow('ec2:*', '*', condition)]],
  ['a service on a bucket', 'limited', [allow('s3:*', ['arn:aws:s3:::shop', 'arn:aws:s3:::shop/*'])]],
  ['a service, denied', 'none', [allow('s3:*'), deny('s3:*')]],
  ['a service, some of it denied', 'full-service', [allow('s3:*'), deny('s3:Delete*')]],
  ['writing', 'limited', [allow(['s3:PutObject', 's3:GetObject'])]],
  [
    'reading',
    'read-only',
    [allow(['s3:Get*', 'ec2:Describe*', 'logs:FilterLogEvents', 'dynamodb:BatchGetItem'])],
  ],
  ['writing, denied', 'read-only', [allow(['s3:Put*', 's3:Get*']), deny('s3:Put*')]],
  [
    'writing, denied by NotAction',
    'read-only',
    [allow(['s3:Put*', 's3:Get*']), { Effect: 'Deny', NotAction: ['s3:Get*'], Resource: '*' }],
  ],
  ['names that only seem to read', 'limited', [allow('redshift:GetClusterCredentials')]],
  ['a pattern with such names', 'limited', [allow('*:Get*')]],
  ['nothing', 'none', [deny('*')]],
];

describe('levelOf', () => {
  it.each(cases)('judges %s as %s', (_, level, statements) => {
    const read = readIdentityPolicy({ Version: '2012-10-17', Statement: statements });
    expect(levelOf(read!, role).level).toBe(level);
  });

  it('names the actions, and for roles the resources', () => {
    const read = readIdentityPolicy({ Statement: [allow(['iam:PassRole', 's3:*']), allow('lambda:*')] });
    expect(levelOf(read!, role).actions).toEqual(['iam:PassRole on *', 's3:*', 'lambda:*']);
    expect(levelOf(readIdentityPolicy({ Statement: allow(['s3:*', 'lambda:*']) })!, role).actions).toEqual([
      's3:*',
      'lambda:*',
    ]);
  });
});

describe('readIdentityPolicy', () => {
  const text = JSON.stringify({ Version: '2012-10-17', Statement: allow('s3:Get*') });

  it.each([text, ` ${text}`, encodeURIComponent(text), JSON.parse(text)])('reads %s', (document) => {
    expect(readIdentityPolicy(document)).toEqual([
      {
        effect: 'Allow',
        actions: ['s3:Get*'],
        exceptActions: false,
        resources: ['*'],
        exceptResources: false,
        isConditional: false,
      },
    ]);
  });

  it.each([
    undefined,
    null,
    'x',
    '%7',
    {},
    { Statement: 'x' },
    { Statement: [allow('s3:Get*', undefined, { Resource: undefined })] },
    { Statement: [{ ...allow('s3:Get*'), NotAction: 'x' }] },
    { Statement: [{ ...allow('s3:Get*'), Effect: 'allow' }] },
    { Statement: [allow([1])] },
  ])('refuses %j', (document) => {
    expect(readIdentityPolicy(document)).toBeUndefined();
  });
});

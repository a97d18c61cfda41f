import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RuleError } from '../../src/errors.ts';
import { assumedRoleAccount, checkPolicyArn, parseRoleArn } from '../../src/identity/arn.ts';

const rule = 'must be arn:PARTITION:iam::ACCOUNT:role/NAME';
const copyIt = 'Copy the ARN from the role in the IAM console.';
const arnOfLength = (length: number) => `arn:aws-${'x'.repeat(length - 38)}:iam::111111111111:role/deploy`;

describe('parseRoleArn', () => {
  it.each([
    ['a plain role', 'arn:aws:iam::111111111111:role/deploy', 'aws', 'deploy'],
    ['a role with a path', 'arn:aws:iam::111111111111:role/team/ci/deploy', 'aws', 'deploy'],
    ['a role in China', 'arn:aws-cn:iam::111111111111:role/deploy', 'aws-cn', 'deploy'],
    ['a role in GovCloud', 'arn:aws-us-gov:iam::111111111111:role/deploy', 'aws-us-gov', 'deploy'],
    [
      'a role in the European sovereign cloud',
      'arn:aws-eusc:iam::111111111111:role/deploy',
      'aws-eusc',
      'deploy',
    ],
    [
      'every character that a name may have',
      'arn:aws:iam::111111111111:role/a_+=,.@-Z9',
      'aws',
      'a_+=,.@-Z9',
    ],
    ['an ARN of 2048 characters', arnOfLength(2048), `aws-${'x'.repeat(2010)}`, 'deploy'],
  ])('reads %s', (_, arn, partition, name) => {
    expect(parseRoleArn(arn)).toEqual({ arn, partition, account: '111111111111', name });
  });

  it.each([
    ['a name alone', 'deploy', 'Use the whole ARN: arn:aws:iam::ACCOUNT:role/deploy.'],
    [
      'an empty account',
      'arn:aws:iam:::role/deploy',
      'The account is empty: a variable in the ARN is not set in this job.',
    ],
    [
      'a space at the end',
      'arn:aws:iam::111111111111:role/deploy ',
      'Remove the space or line break around it.',
    ],
    [
      'a line break at the end',
      'arn:aws:iam::111111111111:role/deploy\n',
      'Remove the space or line break around it.',
    ],
    ['a user', 'arn:aws:iam::111111111111:user/deploy', 'This is not the ARN of a role.'],
    ['a provider', 'arn:aws:iam::111111111111:oidc-provider/gitlab.com', 'This is not the ARN of a role.'],
    [
      'a session',
      'arn:aws:sts::111111111111:assumed-role/deploy/x',
      'This is a session, not a role: use arn:aws:iam::ACCOUNT:role/NAME.',
    ],
    ['a region', 'arn:aws:iam:us-east-1:111111111111:role/deploy', 'IAM ARNs have no region: use "iam::".'],
    ['11 digits', 'arn:aws:iam::11111111111:role/deploy', copyIt],
    ['13 digits', 'arn:aws:iam::1111111111111:role/deploy', copyIt],
    ['no name', 'arn:aws:iam::111111111111:role/', copyIt],
    ['text before the ARN', 'x-arn:aws:iam::111111111111:role/deploy', copyIt],
    ['text before an ARN with a region', 'x-arn:aws:iam:us-east-1:111111111111:role/deploy', copyIt],
    ['text before an ARN without an account', 'x-arn:aws:iam:::role/deploy', copyIt],
    ['a name of 65 characters', `arn:aws:iam::111111111111:role/${'a'.repeat(65)}`, copyIt],
    ['a path of 512 characters', `arn:aws:iam::111111111111:role/${'a/'.repeat(256)}b`, copyIt],
    ['more than 2048 characters', arnOfLength(2049), copyIt],
    ['a partition in capitals', 'arn:AWS:iam::111111111111:role/deploy', copyIt],
    ['a line break in the name', 'arn:aws:iam::111111111111:role/de\nploy', copyIt],
  ])('refuses %s', (_, arn, hint) => {
    expect(() => parseRoleArn(arn)).toThrow(expect.objectContaining({ message: rule, hint }));
  });

  it('either returns the parts of the whole text or throws a RuleError, for any text', () => {
    const arnLike = fc.tuple(
      fc.constantFrom('arn:aws:iam::', 'arn:aws-cn:iam::', 'arn:'),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          arnLike.map((parts) => parts.join('')),
        ),
        (text) => {
          try {
            const { partition, account, name } = parseRoleArn(text);
            expect(text.startsWith(`arn:${partition}:iam::${account}:role/`)).toBe(true);
            expect(text.endsWith(name)).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(RuleError);
          }
        },
      ),
    );
  });

  it('reads every well-formed ARN', () => {
    const name = fc.stringMatching(/^[\w+=,.@-]{1,64}$/);
    const path = fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 4 });
    fc.assert(
      fc.property(fc.stringMatching(/^\d{12}$/), path, name, (account, folders, roleName) => {
        const arn = `arn:aws:iam::${account}:role/${[...folders, roleName].join('/')}`;
        expect(parseRoleArn(arn)).toEqual({ arn, partition: 'aws', account, name: roleName });
      }),
    );
  });
});

describe('assumedRoleAccount', () => {
  it.each([
    ['arn:aws:sts::111111111111:assumed-role/deploy/GitLabRunner-1-2', '111111111111'],
    ['arn:aws-cn:sts::222222222222:assumed-role/deploy/x-y', '222222222222'],
    ['', undefined],
    ['arn:aws:iam::111111111111:role/deploy', undefined],
    ['arn:aws:sts::111111111111:assumed-role/deploy', undefined],
    ['arn:aws:sts::111111111111:assumed-role/deploy/x', undefined],
    [`arn:aws:sts::111111111111:assumed-role/deploy/${'x'.repeat(64)}`, '111111111111'],
    [`arn:aws:sts::111111111111:assumed-role/deploy/${'x'.repeat(65)}`, undefined],
    ['x-arn:aws:sts::111111111111:assumed-role/deploy/x-y', undefined],
    ['arn:aws:sts::111111111111:assumed-role/deploy/x-y\n', undefined],
  ])('of "%s" is %s', (arn, account) => {
    expect(assumedRoleAccount(arn)).toBe(account);
  });
});

describe('checkPolicyArn', () => {
  const policyOf = (length: number) => `arn:aws:iam::111111111111:policy/${'x'.repeat(length)}`;
  it.each([
    ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
    ['arn:aws-cn:iam::111111111111:policy/team/limits'],
    [policyOf(640)],
  ])('takes %s', (arn) => {
    expect(checkPolicyArn(arn)).toBe(arn);
  });

  it.each([
    ['ReadOnlyAccess'],
    ['arn:aws:iam::111111111111:role/deploy'],
    [''],
    ['x-arn:aws:iam::aws:policy/ReadOnlyAccess'],
    ['arn:aws:iam::aws:policy/ReadOnlyAccess\n'],
    [policyOf(641)],
  ])('refuses "%s"', (arn) => {
    expect(() => checkPolicyArn(arn)).toThrow(
      expect.objectContaining({
        name: 'RuleError',
        message: 'must be arn:PARTITION:iam::ACCOUNT:policy/NAME',
        hint: 'For an AWS managed policy the account is "aws": arn:aws:iam::aws:policy/ReadOnlyAccess.',
      }),
    );
  });
});

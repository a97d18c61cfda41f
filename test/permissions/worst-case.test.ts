import { describe, expect, it } from 'vitest';
import { type RolePolicy, worstCase } from '../../src/permissions/worst-case.ts';

const role = 'arn:aws:iam::111111111111:role/deploy';

const document = (...actions: readonly string[]) => {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
};
const inline = (value: unknown): RolePolicy => ({ name: 'inline', arn: undefined, document: value });
const aws = (name: string, value?: unknown): RolePolicy => {
  return { name, arn: `arn:aws:iam::aws:policy/${name}`, document: value };
};
const own = (name: string, value?: unknown): RolePolicy => {
  return { name, arn: `arn:aws:iam::111111111111:policy/${name}`, document: value };
};

describe('worstCase', () => {
  it('is nothing without policies', () => {
    expect(worstCase(role, [], undefined)).toEqual({
      level: 'none',
      because: [],
      unread: [],
      limitedBy: undefined,
    });
  });

  it.each([
    ['AdministratorAccess', 'administrator'],
    ['IAMFullAccess', 'privilege-escalation'],
    ['PowerUserAccess', 'privilege-escalation'],
    ['AmazonS3FullAccess', 'full-service'],
    ['AmazonEC2ContainerRegistryPowerUser', 'limited'],
    ['AmazonEC2ReadOnlyAccess', 'read-only'],
    ['ReadOnlyAccess', 'read-only'],
    ['SecurityAudit', 'read-only'],
    ['ViewOnlyAccess', 'read-only'],
  ])('knows the AWS managed policy %s by its name', (name, level) => {
    expect(worstCase(role, [aws(name)], undefined)).toMatchObject({ level, because: [name], unread: [] });
  });

  it('prefers the document of an AWS managed policy', () => {
    expect(worstCase(role, [aws('AmazonS3FullAccess', document('s3:PutObject'))], undefined).level).toBe(
      'limited',
    );
  });

  it('believes AWS that a policy only reads, unless its document allows much more', () => {
    expect(
      worstCase(role, [aws('IAMReadOnlyAccess', document('iam:GenerateCredentialReport'))], undefined).level,
    ).toBe('read-only');
    expect(worstCase(role, [aws('OddReadOnlyAccess', document('s3:*'))], undefined).level).toBe(
      'full-service',
    );
  });

  it.each([
    ['an unknown AWS managed policy', aws('BrandNewPolicy')],
    ['a customer managed policy without a document', own('AdministratorAccess')],
    ['a customer managed policy that is named as if it only read', own('ReadOnlyAccess')],
    ['an inline policy that is not a policy', inline('x')],
    ['an AWS managed policy with a broken document', aws('ReadOnlyAccess', '{')],
  ])('is unknown for %s', (_, policy) => {
    expect(worstCase(role, [policy, inline(document('s3:Get*'))], undefined)).toMatchObject({
      level: 'unknown',
      unread: [policy.name],
    });
  });

  it('says what is certain if another policy is unread', () => {
    expect(worstCase(role, [own('x'), aws('AdministratorAccess')], undefined)).toMatchObject({
      level: 'administrator',
      unread: ['x'],
    });
  });

  it('judges all documents together', () => {
    const denied = { Statement: [{ Effect: 'Deny', Action: ['iam:*', 'sts:*'], Resource: '*' }] };
    expect(worstCase(role, [inline(document('*')), own('guard', denied)], undefined).level).toBe(
      'full-service',
    );
  });

  it('knows that a role can change a policy that is attached to it', () => {
    const own2 = { Statement: [{ Effect: 'Allow', Action: 'iam:CreatePolicyVersion', Resource: '*' }] };
    const resource = 'arn:aws:iam::111111111111:policy/self';
    const statement = [{ Effect: 'Allow', Action: 'iam:CreatePolicyVersion', Resource: resource }];
    expect(worstCase(role, [own('self', { Statement: statement })], undefined).level).toBe(
      'privilege-escalation',
    );
    expect(worstCase(role, [own('other', { Statement: statement })], undefined).level).toBe('iam-write');
    expect(worstCase(role, [own('other', own2)], undefined).level).toBe('privilege-escalation');
  });

  describe('with a permissions boundary', () => {
    const admin = aws('AdministratorAccess');

    it('is not more than the boundary allows', () => {
      expect(worstCase(role, [admin], own('edge', document('s3:*')))).toEqual({
        level: 'full-service',
        because: ['s3:*'],
        unread: [],
        limitedBy: 'edge',
      });
    });

    it('is not more than the policies allow', () => {
      expect(worstCase(role, [inline(document('s3:Get*'))], admin)).toMatchObject({
        level: 'read-only',
        limitedBy: undefined,
      });
    });

    it('ignores a boundary that cannot be read', () => {
      expect(worstCase(role, [admin], own('edge'))).toMatchObject({
        level: 'administrator',
        unread: ['edge'],
      });
    });

    it('is capped by the boundary if a policy cannot be read', () => {
      expect(worstCase(role, [own('x')], own('edge', document('s3:Get*')))).toMatchObject({
        level: 'read-only',
        unread: ['x'],
        limitedBy: 'edge',
      });
      expect(worstCase(role, [own('x')], own('edge', document('iam:PassRole'))).level).toBe('unknown');
    });
  });
});

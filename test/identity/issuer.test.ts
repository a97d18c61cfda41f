import { describe, expect, it } from 'vitest';
import { isMapped } from '../../src/identity/claim-condition-keys.ts';
import { issuerKind, parseProviderArn, providerName } from '../../src/identity/issuer.ts';

describe('issuerKind', () => {
  it.each([
    ['gitlab.com', 'gitlab.com'],
    ['gitlab.com.example.com', 'self-managed'],
    ['gitlab.com:443', 'self-managed'],
    ['gitlab.example.com', 'self-managed'],
    ['oidc.circleci.com/org/aaaa', 'circleci'],
    ['oidc.circleci.com.example.com/org/aaaa', 'self-managed'],
    ['token.actions.githubusercontent.com', 'other-service'],
    ['x.identity.oraclecloud.com', 'other-service'],
  ])('of %s is %s', (name, kind) => {
    expect(issuerKind(name)).toBe(kind);
  });
});

describe('isMapped', () => {
  it.each([
    ['gitlab.com', 'project_id', true],
    ['gitlab.com', 'Project_ID', true],
    ['gitlab.com', 'environment', false],
    ['gitlab.com', 'ref', false],
    ['gitlab.example.com', 'sub', true],
    ['gitlab.example.com', 'project_id', false],
    ['oidc.circleci.com/org/a', 'oidc.circleci.com/project-id', true],
    ['oidc.circleci.com/org/a', 'oidc.circleci.com/vcs-ref', false],
    ['token.actions.githubusercontent.com', 'repository', undefined],
  ])('of %s, %s: %s', (name, claim, mapped) => {
    expect(isMapped(name, claim)).toBe(mapped);
  });
});

describe('parseProviderArn', () => {
  it.each([
    [
      'arn:aws:iam::111111111111:oidc-provider/gitlab.com',
      { partition: 'aws', account: '111111111111', name: 'gitlab.com' },
    ],
    [
      'arn:aws-cn:iam::111111111111:oidc-provider/a.example.com:8443/x',
      { partition: 'aws-cn', account: '111111111111', name: 'a.example.com:8443/x' },
    ],
    [
      'arn:${AWS::Partition}:iam::${AWS::AccountId}:oidc-provider/gitlab.com',
      { partition: '${AWS::Partition}', account: '${AWS::AccountId}', name: 'gitlab.com' },
    ],
    ['arn:aws:iam::111111111111:saml-provider/x', undefined],
    ['gitlab.com', undefined],
  ])('%s', (arn, parsed) => {
    expect(parseProviderArn(arn)).toEqual(parsed);
  });
});

describe('providerName', () => {
  it.each([
    ['https://gitlab.com', 'gitlab.com'],
    ['http://127.0.0.1:8080', '127.0.0.1:8080'],
    ['gitlab.com', 'gitlab.com'],
  ])('of %s is %s', (issuer, name) => {
    expect(providerName(issuer)).toBe(name);
  });
});

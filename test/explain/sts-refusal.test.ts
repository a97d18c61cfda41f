import { describe, expect, it } from 'vitest';
import { stsErrors } from '../../sandbox/sts-errors.ts';
import { explainRefusal } from '../../src/explain/sts-refusal.ts';

const attempt = {
  account: '111111111111',
  issuer: 'https://gitlab.example.com',
  audiences: ['https://gitlab.example.com/'],
  subject: 'project_path:acme/shop:ref_type:tag:ref:v1',
  durationSeconds: 7200,
};

describe('explainRefusal', () => {
  it.each([
    [
      'notAuthorized',
      'with sub "project_path:acme/shop:ref_type:tag:ref:v1" and aud "https://gitlab.example.com/"',
    ],
    ['notAuthorizedToChain', 'its own policies must allow sts:AssumeRole'],
    ['noProvider', 'whose URL is exactly "https://gitlab.example.com"'],
    ['incorrectAudience', 'The token was sent for "https://gitlab.example.com/"'],
    ['noVerificationKey', 'https://gitlab.example.com/.well-known/openid-configuration'],
    ['maxSessionDuration', 'The role allows less than 7200 seconds'],
    ['chainedDuration', 'Set the input "duration"'],
    ['regionDisabled', 'for account 111111111111'],
  ] as const)('names the values to compare for %s', (name, text) => {
    const { code, message } = stsErrors[name];
    expect(explainRefusal({ code, message }, attempt)).toContain(text);
  });

  it('says nothing about an error that it does not know', () => {
    expect(explainRefusal({ code: 'TeapotException', message: 'short and stout' }, attempt)).toBeUndefined();
    expect(explainRefusal({ code: 'AccessDenied', message: 'something else' }, attempt)).toBeUndefined();
  });
});

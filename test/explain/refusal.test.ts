import { describe, expect, it } from 'vitest';
import { stsErrors } from '../../sandbox/sts-errors.ts';
import { explainRefusal } from '../../src/explain/refusal.ts';
import { jobFacts } from '../../src/explain/situation.ts';

const claims = {
  iss: 'https://gitlab.com',
  aud: 'https://gitlab.com',
  sub: 'project_path:acme/shop:ref_type:branch:ref:main',
  project_path: 'acme/shop',
  namespace_path: 'acme',
  user_login: 'dev',
  ref_protected: 'true',
  pipeline_source: 'push',
  iat: 1767225600,
  exp: 1767229200,
};

interface Over {
  readonly claims?: Record<string, unknown>;
  readonly job?: Record<string, string>;
  readonly partition?: string;
  readonly now?: string;
}

function causesOf(error: keyof typeof stsErrors, over: Over = {}) {
  const { code, message } = stsErrors[error];
  return explainRefusal(
    { code, message },
    {
      role: { account: '111111111111', partition: over.partition ?? 'aws' },
      claims: { ...claims, ...over.claims },
      durationSeconds: 7200,
      now: new Date(over.now ?? '2026-01-01T00:10:00Z'),
      job: jobFacts(over.job ?? {}),
    },
  );
}

const idsOf = (...args: Parameters<typeof causesOf>) => causesOf(...args).map(({ id }) => id);

describe('explainRefusal, without the policy', () => {
  const sub = (ref: string, type = 'branch') => `project_path:acme/shop:ref_type:${type}:ref:${ref}`;

  it.each<[string, Over, readonly string[]]>([
    ['a token as usual', {}, ['role-missing']],
    ['a tag', { claims: { sub: sub('v1', 'tag') } }, ['subject-tag', 'role-missing']],
    [
      'a merge request',
      { claims: { pipeline_source: 'merge_request_event', ref_protected: 'false' } },
      ['subject-merge-request', 'ref-not-protected', 'role-missing'],
    ],
    [
      'a merge request of a fork',
      {
        claims: { pipeline_source: 'merge_request_event' },
        job: {
          CI_MERGE_REQUEST_SOURCE_PROJECT_PATH: 'mallory/shop',
          CI_MERGE_REQUEST_PROJECT_PATH: 'acme/shop',
        },
      },
      ['subject-fork', 'role-missing'],
    ],
    [
      "a project in a member's own namespace",
      { claims: { namespace_path: 'dev' } },
      ['subject-fork', 'role-missing'],
    ],
    [
      'another branch than the default one',
      { claims: { sub: sub('feature') }, job: { CI_DEFAULT_BRANCH: 'main' } },
      ['subject-ref', 'role-missing'],
    ],
    [
      'a sub that the project composes',
      { claims: { sub: 'project_id:20:ref:main' } },
      ['subject-recomposed', 'role-missing'],
    ],
    [
      'capital letters in the path',
      { claims: { sub: 'project_path:Acme/Shop:ref_type:branch:ref:main' } },
      ['subject-case', 'role-missing'],
    ],
    [
      'an audience with a slash',
      { claims: { aud: 'https://gitlab.com/' } },
      ['audience-trailing-slash', 'role-missing'],
    ],
    ['several audiences', { claims: { aud: ['a', 'b'] } }, ['audience-array', 'role-missing']],
    [
      'a self-managed instance',
      { claims: { iss: 'https://gitlab.example.com', aud: 'https://gitlab.example.com' } },
      ['condition-not-mapped', 'role-missing'],
    ],
  ])('ranks the causes of %s', (_, over, ids) => {
    expect(idsOf('notAuthorized', over)).toEqual(ids);
  });

  it.each<[keyof typeof stsErrors, Over, readonly string[]]>([
    ['noProvider', {}, ['provider-missing']],
    [
      'noProvider',
      { claims: { iss: 'https://gitlab.example.com:8443' } },
      ['issuer-port', 'provider-missing'],
    ],
    ['noProvider', { claims: { iss: 'https://example.com/gitlab' } }, ['issuer-path', 'provider-missing']],
    [
      'noProvider',
      { claims: { iss: 'https://gitlab.example.com/' } },
      ['issuer-trailing-slash', 'provider-missing'],
    ],
    ['noProvider', { claims: { iss: 'http://gitlab.example.com' } }, ['issuer-http', 'provider-missing']],
    ['noProvider', { partition: 'aws-cn' }, ['partition', 'provider-missing']],
    ['incorrectAudience', {}, ['audience-not-registered']],
    ['incorrectAudience', { claims: { aud: 'gitlab.com' } }, ['audience-scheme']],
    ['incorrectAudience', { claims: { aud: 'https://GitLab.com' } }, ['audience-case']],
    ['incorrectAudience', { claims: { aud: 'sts.amazonaws.com' } }, ['audience-other']],
    ['missingAudience', { claims: { aud: undefined } }, ['audience-missing']],
    ['expiredToken', { now: '2026-01-01T02:00:00Z' }, ['token-expired', 'clock']],
    ['expiredToken', {}, ['clock', 'token-expired']],
    ['noVerificationKey', {}, ['key-retrieval']],
    ['thumbprint', {}, ['thumbprint']],
    ['notJwt', {}, ['not-a-jwt']],
    ['badSignature', {}, ['signature']],
    ['issuerUnreachable', {}, ['issuer-unreachable']],
    ['rejectedClaim', {}, ['claim-rejected']],
    ['malformedPolicy', {}, ['session-policy-malformed']],
    ['packedPolicyTooLarge', {}, ['session-policy-size']],
    ['regionDisabled', {}, ['region-disabled']],
    ['sessionName', {}, ['session-name']],
    ['duration', {}, ['duration-range']],
    ['maxSessionDuration', {}, ['duration-over-role']],
    ['chainedDuration', {}, ['duration-over-role']],
    ['invalidArn', {}, ['role-arn']],
    ['unknownKey', {}, []],
    ['throttling', {}, []],
  ])('names the causes of %s %#', (error, over, ids) => {
    expect(idsOf(error, over)).toEqual(ids);
  });

  const caller = 'arn:aws:sts::111111111111:assumed-role/first/GitLabRunner-20-574';
  const second = 'arn:aws:iam::222222222222:role/second';
  const causesOfMessage = (message: string) =>
    explainRefusal(
      { code: 'AccessDenied', message },
      {
        role: { account: '111111111111', partition: 'aws' },
        claims,
        durationSeconds: 3600,
        now: new Date('2026-01-01T00:10:00Z'),
        job: jobFacts({}),
      },
    );

  it.each([
    ['sts:TagSession', '', 'Or set the input "session_tags" to [].'],
    [
      'sts:TagSession',
      ' because no resource-based policy allows the sts:TagSession action',
      'Or set the input "session_tags" to [].',
    ],
    ['sts:SetSourceIdentity', '', 'Or set the input "source_identity" to \'\'.'],
  ])('says that the trust policy of a chained role must allow %s%s', (action, why, off) => {
    const message = `User: ${caller} is not authorized to perform: ${action} on resource: ${second}${why}`;
    expect(causesOfMessage(message)).toEqual([
      {
        id: 'tag-session',
        summary: `The trust policy of ${second} does not allow ${action}.`,
        evidence: message,
        remedy: `Allow "${action}" in it for the role before it in the chain, and in the permissions of that role. ${off}`,
      },
    ]);
  });

  it('says that the permissions of the first role must allow it, if STS does', () => {
    const message = `User: ${caller} is not authorized to perform: sts:TagSession on resource: ${second} because no identity-based policy allows the sts:TagSession action`;
    expect(causesOfMessage(message)).toMatchObject([
      {
        id: 'tag-session',
        summary: `The permissions of the role before ${second} do not allow sts:TagSession on it.`,
        remedy: 'Allow "sts:TagSession" in them. Or set the input "session_tags" to [].',
      },
    ]);
  });

  it('says the same about a token that brings tags, which has no chain', () => {
    expect(causesOfMessage('Not authorized to perform sts:TagSession')).toEqual([
      {
        id: 'tag-session',
        summary: 'The trust policy does not allow sts:TagSession.',
        evidence: 'Not authorized to perform sts:TagSession',
        remedy: 'Allow "sts:TagSession" in it.',
      },
    ]);
  });

  it('says that a role may not assume the next one at all', () => {
    const message = `User: ${caller} is not authorized to perform: sts:AssumeRole on resource: ${second}`;
    expect(causesOfMessage(message).map(({ id }) => id)).toEqual(['chain-not-allowed']);
  });

  it('suggests a command only if it is safe to paste into a shell', () => {
    const [cause] = causesOf('incorrectAudience');
    expect(cause?.remedy).toBe(
      'Add it: aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn arn:aws:iam::111111111111:oidc-provider/gitlab.com --client-id https://gitlab.com',
    );
    const iss = 'https://gitlab.com$(evil)';
    const [hostile] = causesOf('incorrectAudience', { claims: { iss, aud: iss } });
    expect(hostile?.remedy).toBe('Add it to the client IDs of the provider.');
  });

  it('shows the evidence and the corrected value', () => {
    expect(causesOf('incorrectAudience', { claims: { aud: 'https://gitlab.com/' } })).toEqual([
      {
        id: 'audience-trailing-slash',
        summary: "The token's audience is not the one that AWS expects.",
        evidence: 'The token\'s aud is "https://gitlab.com/", with a trailing slash.',
        remedy:
          'Declare the token with aud "https://gitlab.com" (input "audience"), or add "https://gitlab.com/" to the ' +
          'client IDs of the IAM identity provider and to the policy. They must match exactly.',
      },
    ]);
  });

  it('reports the lifetime of a token', () => {
    const [cause] = causesOf('expiredToken', { claims: { exp: 1767225900 }, now: '2026-01-01T02:00:00Z' });
    expect(cause?.evidence).toBe(
      "It was valid from 2026-01-01T00:00:00Z to 2026-01-01T00:05:00Z; this machine's clock says 2026-01-01T02:00:00Z. Its lifetime is 300 seconds.",
    );
    expect(cause?.remedy).toContain("valid for the job's timeout");
  });

  it('handles a token without claims', () => {
    for (const error of Object.keys(stsErrors) as (keyof typeof stsErrors)[]) {
      const { code, message } = stsErrors[error];
      const situation = {
        role: { account: '1', partition: 'aws' },
        claims: {},
        durationSeconds: 1,
        now: new Date(0),
        job: {},
      };
      for (const { summary, evidence, remedy } of explainRefusal({ code, message }, situation)) {
        expect(summary + evidence + remedy).not.toMatch(/NaN|\[object/);
      }
    }
  });
});

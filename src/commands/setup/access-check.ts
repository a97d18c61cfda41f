import type { Claims } from '../../identity/claims.ts';
import { trustRequest } from '../../trust-policy/context.ts';
import { type Evaluation, evaluate } from '../../trust-policy/evaluate.ts';
import type { FoundPolicy } from '../../trust-policy/found-policy.ts';
import type { TrustTarget } from '../../trust-policy/generate.ts';

/** Whether a job can assume the role, and whether it should. */
export interface AccessCheck {
  /** The job, in words. */
  readonly job: string;
  readonly wanted: boolean;
  readonly decision: Evaluation['decision'];
}

/** The refs of a project that a role trusts. */
export interface TrustedProject {
  readonly path: string;
  readonly branches: readonly string[];
  readonly tags: readonly string[];
}

/**
 * Evaluates a trust policy against the tokens that jobs would have: those that the role trusts, and others that come
 * close.
 */
export function checkAccess(
  { policy }: FoundPolicy,
  target: TrustTarget,
  project: TrustedProject,
  now: Date,
): readonly AccessCheck[] {
  return jobsOf(target, project).map(({ job, wanted, claims }) => {
    const request = trustRequest({ ...target.claims, ...claims }, target, now);
    return { job, wanted, decision: evaluate(policy, request).decision };
  });
}

/** Is every job decided as it should be? */
export function isAsWanted(checks: readonly AccessCheck[]): boolean {
  return checks.every(({ wanted, decision }) => wanted === (decision === 'allow'));
}

interface Job {
  readonly job: string;
  readonly wanted: boolean;
  readonly claims: Claims;
}

function jobsOf(target: TrustTarget, { path, branches, tags }: TrustedProject): readonly Job[] {
  const [ref, type] = branches[0] !== undefined ? [branches[0], 'branch'] : [tags[0] ?? '', 'tag'];
  const example = fill(ref);
  const common = { iss: target.issuer, aud: target.audience };
  const token = (project: string, refType: string, name: string, own: Claims = {}): Claims => {
    return { ...common, sub: `project_path:${project}:ref_type:${refType}:ref:${name}`, ...own };
  };
  const other = (id: string): Claims => (target.claims.project_id === undefined ? {} : { project_id: id });
  const unprotected: Claims = target.claims.ref_protected === undefined ? {} : { ref_protected: 'false' };
  const trusted = [
    ...branches.map((branch): Job => job(`branch ${branch}`, true, token(path, 'branch', fill(branch)))),
    ...tags.map((tag): Job => job(`tag ${tag}`, true, token(path, 'tag', fill(tag)))),
  ];
  return [
    ...trusted,
    job('another branch', false, token(path, 'branch', 'aws-oidc/another-branch', unprotected)),
    ...(tags.length === 0 ? [job('a tag', false, token(path, 'tag', 'v0.0.0', unprotected))] : []),
    job(
      `${type} ${ref} of a fork`,
      false,
      token(`fork-of-${path}`, type, example, { ...other('0'), ...fork(target) }),
    ),
    job(`${type} ${ref} of another project`, false, token(`${path}-another`, type, example, other('0'))),
    job('a job with another audience', false, token(path, type, example, { aud: 'https://example.com' })),
  ];
}

const fill = (pattern: string) => pattern.replaceAll('*', 'example');

const job = (text: string, wanted: boolean, claims: Claims): Job => ({ job: text, wanted, claims });

function fork({ claims }: TrustTarget): Claims {
  return claims.namespace_id === undefined ? {} : { namespace_id: '0' };
}

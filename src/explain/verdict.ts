import type { Cause } from '../errors.ts';
import { textClaim } from '../identity/claims.ts';
import { parseSubject } from '../identity/subject.ts';
import { audienceCause } from './audience.ts';
import { conditionCause } from './condition-miss.ts';
import type { Miss } from './miss.ts';
import { controlPolicy } from './not-authorized.ts';
import { type Principals, principalCause } from './principal-miss.ts';
import { explainRefusal, unknownRefusal } from './refusal.ts';
import type { Refusal, Situation } from './situation.ts';

/** What a trust policy said to a token, as far as an explanation needs it. */
export interface Verdict {
  readonly decision: 'allow' | 'implicit-deny' | 'explicit-deny' | 'unknown';
  /** The statement that denies, by its Sid or number. */
  readonly deniedBy: string | undefined;
  /** The keys that it tests and the request lacks: a negated condition is met by that. */
  readonly deniedByAbsent: readonly string[];
  /** What a statement that denies asks of the request, and AWS alone knows. */
  readonly mayDenyBy: readonly Miss[];
  /** The statement that comes nearest to allowing it. */
  readonly nearest: Nearest | undefined;
}

export interface Nearest {
  readonly principalMet: boolean;
  readonly actionMet: boolean;
  readonly principals: Principals;
  /** `NotPrincipal`, `NotAction`: everybody, everything but these. */
  readonly exceptPrincipals: boolean;
  readonly exceptActions: boolean;
  readonly actions: readonly string[];
  readonly misses: readonly Miss[];
  /** What it wants of `aud`, met or not. */
  readonly audiences: readonly string[];
  /** Each condition on the sub is met, and there is one. */
  readonly subjectMet: boolean;
  /** The project's id was compared, and it is the right one. */
  readonly projectIdMet: boolean;
}

/**
 * Why a token was refused, where the trust policy is known; the likeliest first.
 *
 * @param refusal what STS said; where it is left out, what it would say by this policy
 * @returns nothing where the policy lets the token in and nobody refused it
 */
export function explainVerdict(verdict: Verdict, situation: Situation, refusal?: Refusal): readonly Cause[] {
  const { nearest } = verdict;
  if (refusal !== undefined && !isBareRefusal(refusal)) {
    if (/audience/.test(refusal.message)) return [audienceCause(situation, nearest?.audiences)];
    const known = explainRefusal(refusal, situation);
    const other = known.length > 0 ? known : [unknownRefusal(refusal)];
    const isProvider = /^No OpenIDConnect provider/.test(refusal.message);
    return isProvider && nearest?.principalMet === false
      ? [principalCause(nearest.principals, situation), ...other]
      : other;
  }
  if (verdict.decision === 'explicit-deny') return [explicitDeny(verdict)];
  const mayDeny = verdict.mayDenyBy.map((miss) => mayBeDenied(miss));
  if (verdict.decision === 'allow' || (verdict.decision === 'unknown' && nearest?.misses.length === 0)) {
    const elsewhere = refusal === undefined ? [] : [notThisPolicy(situation), controlPolicy];
    return [...mayDeny, ...elsewhere];
  }
  return nearest === undefined ? [nothingAllows] : [...missCauses(nearest, situation), ...mayDeny];
}

/** The answer that says nothing of its cause: the role's policy, or the role itself. */
export function isBareRefusal({ code, message }: Refusal): boolean {
  return (
    /^Not authorized to perform:? sts:AssumeRoleWithWebIdentity/i.test(message) ||
    (code === 'AccessDenied' && message === '')
  );
}

function missCauses(nearest: Nearest, situation: Situation): readonly Cause[] {
  const causes: Cause[] = [];
  if (!nearest.principalMet) {
    causes.push(nearest.exceptPrincipals ? notPrincipal : principalCause(nearest.principals, situation));
  }
  if (!nearest.actionMet) causes.push(nearest.exceptActions ? notAction : wrongAction(nearest.actions));
  if (isTakenOver(nearest, situation)) causes.push(takenOver(nearest, situation));
  const byImportance = nearest.misses.toSorted((a, b) => importance(a) - importance(b));
  const conditions = byImportance.map((miss) => conditionCause(miss, situation, nearest.projectIdMet));
  return [...causes, ...conditions];
}

/** Who asks, then for whom the token is, then the rest. */
function importance({ key }: Miss): number {
  const rank = ['sub', 'aud'].indexOf(key.slice(key.lastIndexOf(':') + 1).toLowerCase());
  return rank < 0 ? 2 : rank;
}

function wrongAction(actions: readonly string[]): Cause {
  return {
    id: 'action',
    summary: 'The policy allows another action than this one.',
    evidence: `It allows ${actions.map((action) => `"${action}"`).join(', ') || 'nothing'}.`,
    remedy: 'Write "Action": "sts:AssumeRoleWithWebIdentity".',
  };
}

/** The path is one that the policy trusts, whatever the ref, and the project is another one. */
function isTakenOver({ misses, subjectMet }: Nearest, { claims }: Situation): boolean {
  const path = parseSubject(textClaim(claims, 'sub') ?? '')?.projectPath;
  const isTrusted = misses
    .filter(({ key }) => /:sub$/i.test(key))
    .some(({ wanted }) => wanted.some((value) => parseSubject(value)?.projectPath === path));
  return (subjectMet || (path !== undefined && isTrusted)) && misses.some(isOtherId);
}

function isOtherId({ operator, key, wanted, actual = [] }: Miss): boolean {
  const isPlain = /^String(Equals|Like)/i.test(operator) && wanted.every((value) => /^\d+$/.test(value));
  return isPlain && /:project_id$/i.test(key) && actual.length === 1;
}

function takenOver({ misses }: Nearest, { claims }: Situation): Cause {
  const miss = misses.find(isOtherId);
  return {
    id: 'project-taken-over',
    summary: 'The path is the one that the policy trusts, but the project is another one: its id differs.',
    evidence: `The policy wants the project_id ${miss?.wanted.join(' or ')}; the token's is ${miss?.actual?.join()}, and its path ${textClaim(claims, 'project_path') ?? ''}.`,
    remedy:
      'Somebody may have taken the path of a project that was renamed, moved or deleted. Change the ID only if you know that your own people recreated the project.',
  };
}

/** The policy is right, so it is not the one that decided, or nobody asked it. */
function notThisPolicy({ role }: Situation): Cause {
  return {
    id: 'role-missing',
    summary:
      'This policy lets the token in: the role that was asked for does not exist, or has another policy.',
    evidence: `STS says the same where there is no such role in account ${role.account}.`,
    remedy:
      'Compare the ARN that the job uses with that of the role, character by character, including path and account, and fetch the policy again: aws iam get-role. A change can take some seconds to take effect everywhere.',
  };
}

function mayBeDenied({ key, operator, wanted }: Miss): Cause {
  return {
    id: 'condition-unknown',
    summary: 'A Deny statement of the policy depends on something that the token does not show.',
    evidence: `It applies where "${key}" meets ${operator} ${wanted.map((value) => `"${value}"`).join(' or ')}.`,
    remedy: `Compare it with the request in CloudTrail, or give its value: --context ${key}=VALUE.`,
  };
}

const notPrincipal: Cause = {
  id: 'principal-excluded',
  summary: 'The statement has "NotPrincipal": it leaves out exactly the provider that it names.',
  evidence:
    'In an Allow it means everybody but that provider; in the trust policy of a role AWS does not support it.',
  remedy: 'Write "Principal".',
};

const notAction: Cause = {
  id: 'action',
  summary: 'The statement has "NotAction": it allows everything but the action that it names.',
  evidence: 'sts:AssumeRoleWithWebIdentity is among those that it leaves out.',
  remedy: 'Write "Action": "sts:AssumeRoleWithWebIdentity".',
};

function explicitDeny({ deniedBy: statement = '', deniedByAbsent: absent }: Verdict): Cause {
  const because =
    absent.length === 0
      ? ''
      : ` The request has no "${absent.join('", "')}", and a negated operator matches if the key is absent: the statement denies every request.`;
  return {
    id: 'explicit-deny',
    summary: 'A statement of the trust policy denies this token.',
    evidence: `${statement} applies: its principal, action and every condition are met. A Deny wins over every Allow.${because}`,
    remedy: 'If the job is meant to have the role, change the condition of that statement.',
  };
}

const nothingAllows: Cause = {
  id: 'nothing-allows',
  summary: 'The trust policy has no statement that allows anything.',
  evidence: 'Without an Allow the answer is no.',
  remedy: 'Write one: "aws-oidc trust-policy generate" does.',
};

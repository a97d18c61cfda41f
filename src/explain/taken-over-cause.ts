import type { Cause } from '../errors.ts';
import { type Claims, textClaim } from '../identity/claims.ts';
import { parseSubject } from '../identity/subject.ts';
import type { Miss } from './miss.ts';

/**
 * Explains a token with a project path that the policy trusts, on any ref, but with another project ID.
 *
 * @param subjectMet the policy restricts the sub, and the token's sub matches
 */
export function takenOver(misses: readonly Miss[], subjectMet: boolean, claims: Claims): Cause | undefined {
  const path = parseSubject(textClaim(claims, 'sub') ?? '')?.projectPath;
  const isTrusted = misses
    .filter(({ key }) => /:sub$/i.test(key))
    .some(({ wanted }) => wanted.some((value) => parseSubject(value)?.projectPath === path));
  const miss = misses.find(isOtherId);
  if (miss === undefined || !(subjectMet || (path !== undefined && isTrusted))) return undefined;
  return {
    id: 'project-taken-over',
    summary: 'The policy trusts this path, but not this project: the project ID is different.',
    evidence: `The policy expects the project_id ${miss.wanted.join(' or ')}; the token's is ${miss.actual?.join()}, and its path ${textClaim(claims, 'project_path') ?? ''}.`,
    remedy:
      'Someone may have taken over the path of a project that was renamed, moved or deleted. Change the ID only if you know that your own team recreated the project.',
  };
}

function isOtherId({ operator, key, wanted, actual = [] }: Miss): boolean {
  const isPlain = /^String(Equals|Like)/i.test(operator) && wanted.every((value) => /^\d+$/.test(value));
  return isPlain && /:project_id$/i.test(key) && actual.length === 1;
}

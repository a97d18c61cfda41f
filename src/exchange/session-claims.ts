import { RuleError } from '../errors.ts';
import { type Claims, claimAsText } from '../identity/claims.ts';
import { cleanSessionName } from './session-name.ts';

/** A claim of the ID token as it is passed to STS: the key and value of a session tag, or a source identity. */
export interface SessionClaim {
  readonly name: string;
  readonly value: string;
}

/** By default, the claims that lead from an event in CloudTrail to the job. */
export const defaultTagClaims: readonly string[] = [
  'project_path',
  'ref',
  'pipeline_id',
  'job_id',
  'user_login',
  'environment',
];

const maxValueLength = 256;

/**
 * Checks the name of a claim that becomes the key of a session tag.
 * Grammar of keys: https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html; AWS reserves "aws:".
 *
 * @throws {RuleError}
 */
export function checkTagClaim(text: string): string {
  if (!/^(?!aws:)[\w./:-]{1,128}$/i.test(text)) throw new RuleError('must be the name of a claim', example);
  return text;
}

const example = 'For example user_login.';

/** Without the flag "i", which adds characters that a letter is folded to. */
const notInTags = /[^\p{L}\p{Z}\p{N}_.:/=+\-@]|(?<=^[aA][wW][sS]):/gu;

/**
 * The session tags for claims. Claims that the token does not have, or that are not single values, are left out.
 * In a value, characters that STS does not accept become `-`, and it is cut to 256 characters.
 * Grammar: https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html
 */
export function sessionTags(names: readonly string[], claims: Claims): readonly SessionClaim[] {
  return names.flatMap((name) => {
    const text = claimAsText(claims, name);
    // cut first: half of a surrogate pair is replaced like any other character
    const value = text?.slice(0, maxValueLength).replace(notInTags, '-');
    return value === undefined ? [] : [{ name, value }];
  });
}

/**
 * The source identity from a claim, cleaned like a session name, which has the same grammar.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 *
 * @throws {RuleError} if the token does not have the claim, or it has fewer than two characters
 */
export function sourceIdentity(name: string, claims: Claims): SessionClaim {
  const text = claimAsText(claims, name);
  if (text === undefined) throw new RuleError('must be the name of a claim in the token', example);
  return { name, value: cleanSessionName(text) };
}

import { RuleError } from '../errors.ts';

const minLength = 2;
const maxLength = 64;

/**
 * Makes a role session name of any text: characters that STS does not take become `-`, and it is
 * cut to 64.
 * Grammar: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 *
 * @throws {RuleError} when fewer than two characters are left
 */
export function cleanSessionName(text: string): string {
  const cleaned = text.replace(/[^A-Za-z0-9_+=,.@-]/gu, '-').slice(0, maxLength);
  if (cleaned.length < minLength) {
    throw new RuleError(`must have ${minLength} to ${maxLength} characters`);
  }
  return cleaned;
}

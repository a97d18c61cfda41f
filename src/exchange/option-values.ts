import { RuleError } from '../errors.ts';
import { parseDuration, parseJson } from '../validation/values.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining */
const maxChainedDurationSeconds = 3600;
const maxPolicyCharacters = 2048;

/** @throws {RuleError} unless `text` is a duration that STS accepts for a chained role */
export function parseChainedDuration(text: string): number {
  const seconds = parseDuration(text);
  if (seconds <= maxChainedDurationSeconds) return seconds;
  throw new RuleError(
    `must be at most ${maxChainedDurationSeconds} seconds with role_chain`,
    'AWS limits sessions of chained roles to one hour.',
  );
}

/** @throws {RuleError} unless `text` can be a session policy */
export function checkPolicy(text: string): string {
  if (text.length > maxPolicyCharacters) {
    throw new RuleError(
      `must have at most ${maxPolicyCharacters} characters; it has ${text.length}`,
      'Remove white space, or use a managed policy in policy_arns.',
    );
  }
  const policy = parseJson(text);
  if (typeof policy !== 'object' || policy === null || Array.isArray(policy) || !('Statement' in policy)) {
    throw new RuleError('must be a policy document: a JSON object with "Statement"');
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the character set in the STS API reference
  if (!/^[\u0009\u000a\u000d\u0020-\u00ff]+$/.test(text)) {
    throw new RuleError('must have characters from U+0020 to U+00FF only');
  }
  return text;
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html @throws {RuleError} */
export function checkExternalId(text: string): string {
  if (!/^[\w+=,.@:/-]{2,1224}$/.test(text)) {
    throw new RuleError('must have 2 to 1224 characters, letters, digits and _+=,.@:/- only');
  }
  return text;
}

/** @throws {RuleError} unless the name of a variable can start with `text` */
export function checkEnvPrefix(text: string): string {
  if (!/^[A-Za-z_]\w{0,99}$/.test(text)) {
    throw new RuleError('must be letters, digits and "_", and not start with a digit', 'For example PROD_.');
  }
  return text;
}

/** @throws {RuleError} unless `text` is an http or https URL without a user name and password */
export function parseEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new RuleError('must be an http or https URL', 'For example https://endpoint.example.com.');
  }
  if (url.username !== '' || url.password !== '')
    throw new RuleError('must not hold a user name or password');
  return url;
}

/** @throws {RuleError} unless `text` is `true` or `false` */
export function parseSwitch(text: string): boolean {
  if (!/^(true|false)$/i.test(text)) throw new RuleError('must be true or false');
  return text.toLowerCase() === 'true';
}

import { RuleError } from '../errors.ts';

const minDurationSeconds = 900;
const maxDurationSeconds = 43_200;
/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining */
const maxChainedDurationSeconds = 3600;
const maxPolicyCharacters = 2048;

/** @throws {RuleError} unless `text` is a whole number of seconds that STS can grant */
export function parseDuration(text: string, chained: boolean): number {
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds >= minDurationSeconds && seconds <= maxDurationSeconds)) {
    throw new RuleError(
      `must be a whole number of seconds from ${minDurationSeconds} to ${maxDurationSeconds}`,
      "The role's maximum session duration (3600 unless changed) limits it further.",
    );
  }
  if (chained && seconds > maxChainedDurationSeconds) {
    throw new RuleError(
      `must be at most ${maxChainedDurationSeconds} with role_chain`,
      'AWS limits sessions of chained roles to one hour.',
    );
  }
  return seconds;
}

/** @throws {RuleError} unless `text` is a JSON array of strings (the empty text is an empty array) */
export function parseList(text: string): readonly string[] {
  if (text.trim() === '') return [];
  const list = parseJson(text);
  if (!Array.isArray(list)) throw new RuleError('must be a JSON array of strings', 'For example ["a", "b"].');
  for (const item of list) {
    if (typeof item === 'string') continue;
    throw new RuleError(
      'must be a JSON array of strings',
      typeof item === 'number'
        ? 'Quote numbers: a leading zero of an account id is lost otherwise.'
        : undefined,
    );
  }
  return list;
}

/** @throws {RuleError} unless `text` is an account id */
export function checkAccountId(text: string): string {
  if (!/^\d{12}$/.test(text)) throw new RuleError('must be an account id of 12 digits');
  return text;
}

/** @throws {RuleError} unless `text` can be a session policy */
export function checkPolicy(text: string): string {
  if (text.length > maxPolicyCharacters) {
    throw new RuleError(
      `must have at most ${maxPolicyCharacters} characters, it has ${text.length}`,
      'Remove white space, or move it into a managed policy and name that in policy_arns.',
    );
  }
  const policy = parseJson(text);
  if (typeof policy !== 'object' || policy === null || Array.isArray(policy) || !('Statement' in policy)) {
    throw new RuleError('must be a policy document: a JSON object with "Statement"');
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the set that the STS API reference gives
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

/** @throws {RuleError} unless `text` can begin the name of a variable */
export function checkEnvPrefix(text: string): string {
  if (!/^[A-Za-z_]\w{0,99}$/.test(text)) {
    throw new RuleError('must be letters, digits and "_", not beginning with a digit', 'For example PROD_.');
  }
  return text;
}

/** @throws {RuleError} unless `text` is the address of a server: scheme, host, nothing secret */
export function parseEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new RuleError(
      'must be an http or https URL',
      'For example https://sts.eu-central-1.amazonaws.com.',
    );
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // the parser's own message repeats the text
    throw new RuleError('must be valid JSON');
  }
}

/** A mistake because of which no token can match a value of a policy. */
export interface ValueMistake {
  readonly id: 'value-placeholder' | 'value-variable' | 'value-characters' | 'value-joined';
  readonly summary: string;
  readonly evidence: string;
  readonly remedy: string;
}

/**
 * Finds placeholders that were not replaced, variables that IAM does not expand, and invisible characters.
 *
 * @param wanted the value in the policy
 * @param actual the value in the token
 */
export function valueMistake(wanted: string, actual: string): ValueMistake | undefined {
  return joined(wanted, actual) ?? placeholder(wanted, actual) ?? oddCharacter(wanted, actual);
}

/**
 * The same without a token: text that cannot be part of a project path, and invisible characters. The ref is not
 * checked, because it can have any name.
 */
export function certainMistake(wanted: string): ValueMistake | undefined {
  const [path = ''] = wanted.split(':ref:');
  const unseen = /^\s|\s$|[\u200b-\u200d\u2060\ufeff\u00a0]/.test(wanted);
  return (
    (/<[^<>]+>|\{\{|\$\[\[|\$CI_|\bYOUR[-_]/.test(path) ? placeholder(path, '') : undefined) ??
    (unseen ? oddCharacter(wanted, '') : undefined)
  );
}

/** Finds several values in one string, which IAM compares as one value. */
function joined(wanted: string, actual: string): ValueMistake | undefined {
  const parts = wanted.split(/[,;|\s]+/).filter((part) => part !== '');
  if (parts.length < 2 || !parts.includes(actual)) return undefined;
  return {
    id: 'value-joined',
    summary: 'One string has several values, but is compared as one value.',
    evidence: `"${wanted}" contains "${actual}" and ${parts.length - 1} more.`,
    remedy: 'Write them as separate elements of a list: ["…", "…"].',
  };
}

const placeholders =
  /\$\{?(?:CI_|GITLAB_|AWS_|env\.|var\.|local\.|data\.|[A-Z][A-Z0-9_]{2,}\}?)[^:]*|\$\[\[.*?\]\]|\{\{.*?\}\}|<[^<>]+>|%[A-Z][A-Z0-9_]+%|\bYOUR[-_]\w+|\b(?:my|your)[-_]?(?:group|org|project|namespace|repo)\b|\bCHANGE_?ME\b|\bREPLACE_?ME\b|\b(?:GROUP|PROJECT|NAMESPACE|BRANCH)(?:[-_](?:NAME|PATH))?\b/;

function placeholder(wanted: string, actual: string): ValueMistake | undefined {
  const [found] = placeholders.exec(wanted) ?? [];
  if (found === undefined || actual.includes(found)) return undefined;
  const isVariable = /^\$/.test(found);
  return {
    id: isVariable ? 'value-variable' : 'value-placeholder',
    summary: isVariable
      ? 'The policy contains a variable that was not replaced with its value.'
      : 'The policy contains a placeholder that was not replaced.',
    evidence: `"${found}" in "${wanted}".`,
    remedy: isVariable
      ? 'IAM does not expand GitLab or shell variables: write the value itself.'
      : 'Replace it with the value.',
  };
}

const names: Readonly<Record<string, string>> = {
  ' ': 'a space',
  '\t': 'a tab',
  '\n': 'a line break',
  '\r': 'a carriage return',
  '"': 'a quotation mark',
  "'": 'a quotation mark',
  '`': 'a backtick',
  '\u00a0': 'a no-break space',
  '\u00ad': 'a soft hyphen',
  '\u200b': 'a zero-width space',
  '\u200c': 'a zero-width non-joiner',
  '\u200d': 'a zero-width joiner',
  '\u2060': 'a word joiner',
  '\ufeff': 'a byte order mark',
};

/** Finds a character that is invisible, or looks like another one. */
function oddCharacter(wanted: string, actual: string): ValueMistake | undefined {
  const characters = Array.from(wanted);
  const at = characters.findIndex((one) => isOdd(one) && !actual.includes(one));
  const odd = characters[at];
  if (odd === undefined) return undefined;
  const code = (odd.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const name =
    names[odd] ??
    (/[\p{L}\p{P}]/u.test(odd)
      ? `"${odd}", which only looks like another character,`
      : 'an invisible character');
  const where =
    at === 0 ? 'at the beginning' : at === characters.length - 1 ? 'at the end' : `at character ${at + 1}`;
  return {
    id: 'value-characters',
    summary: `The value in the policy contains ${name} ${where}.`,
    evidence: `It contains ${name} ${where}: U+${code} in "${wanted}".`,
    remedy: 'Type the value again, or copy it from the token: "aws-oidc inspect" prints it.',
  };
}

function isOdd(character: string): boolean {
  return /[\s"'`\p{Cc}\p{Cf}\p{Z}]/u.test(character) || character > '\u007f';
}

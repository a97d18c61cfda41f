/** A mistake in a value of a policy that no token can make up for. */
export interface ValueMistake {
  readonly id: 'value-placeholder' | 'value-variable' | 'value-characters' | 'value-joined';
  readonly summary: string;
  readonly evidence: string;
  readonly remedy: string;
}

/**
 * Something that somebody forgot to fill in, or that an editor put there: placeholders, variables that IAM does not
 * have, characters that nobody sees.
 *
 * @param wanted the policy's value
 * @param actual the token's
 */
export function valueMistake(wanted: string, actual: string): ValueMistake | undefined {
  return joined(wanted, actual) ?? placeholder(wanted, actual) ?? oddCharacter(wanted, actual);
}

/**
 * The same, where there is no token to compare with: what can be no part of a project's path, and what nobody sees. A
 * ref may have any name.
 */
export function certainMistake(wanted: string): ValueMistake | undefined {
  const [path = ''] = wanted.split(':ref:');
  const unseen = /^\s|\s$|[\u200b-\u200d\u2060\ufeff\u00a0]/.test(wanted);
  return (
    (/<[^<>]+>|\{\{|\$\[\[|\$CI_|\bYOUR[-_]/.test(path) ? placeholder(path, '') : undefined) ??
    (unseen ? oddCharacter(wanted, '') : undefined)
  );
}

/** Several values in one text are one value. */
function joined(wanted: string, actual: string): ValueMistake | undefined {
  const parts = wanted.split(/[,;|\s]+/).filter((part) => part !== '');
  if (parts.length < 2 || !parts.includes(actual)) return undefined;
  return {
    id: 'value-joined',
    summary: 'Several values stand in one text, which is compared as one value.',
    evidence: `"${wanted}" holds "${actual}" among ${parts.length}.`,
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
      ? 'The policy contains a variable that was never replaced by its value.'
      : 'The policy contains a placeholder that nobody filled in.',
    evidence: `"${found}" in "${wanted}".`,
    remedy: isVariable
      ? 'IAM knows no variables of GitLab or of a shell: write the value itself.'
      : 'Write the value itself in its place.',
  };
}

const names: Readonly<Record<string, string>> = {
  ' ': 'a space (blank)',
  '\t': 'a tab',
  '\n': 'a line break',
  '\r': 'a carriage return',
  '"': 'a quotation mark',
  "'": 'a quotation mark',
  '`': 'a backquote',
  '\u00a0': 'a no-break space',
  '\u00ad': 'a soft hyphen',
  '\u200b': 'a zero-width space',
  '\u200c': 'a zero-width non-joiner',
  '\u200d': 'a zero-width joiner',
  '\u2060': 'a word joiner',
  '\ufeff': 'a byte order mark',
};

/** A character that looks like nothing, or like another one. */
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
      : 'a character that is not seen');
  const where =
    at === 0 ? 'at its beginning' : at === characters.length - 1 ? 'at its end' : `at character ${at + 1}`;
  return {
    id: 'value-characters',
    summary: `The value in the policy contains ${name} ${where}.`,
    evidence: `It holds ${name} ${where}: U+${code} in "${wanted}".`,
    remedy: 'Type the value again, or copy it from the token: "aws-oidc inspect" prints it.',
  };
}

function isOdd(character: string): boolean {
  return /[\s"'`\p{Cc}\p{Cf}\p{Z}]/u.test(character) || character > '\u007f';
}

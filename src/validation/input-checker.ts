import { type Problem, RuleError } from '../errors.ts';
import { parseList } from './values.ts';

/**
 * Runs checks on single values and collects what they throw, so that a user sees all problems at once.
 * Each check returns the parsed value, or undefined if it added a problem.
 */
export function inputChecker(problems: Problem[]) {
  function attempt<T>(name: string, value: string | undefined, parse: () => T): T | undefined {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      problems.push({ name, rule: error.message, value, hint: error.hint });
      return undefined;
    }
  }
  function optional<T>(name: string, text: string | undefined, parse: (text: string) => T): T | undefined {
    if (text === undefined) return undefined;
    return attempt(name, text, () => {
      checkExpanded(name, text);
      return parse(text);
    });
  }
  return {
    optional,
    required<T>(
      name: string,
      text: string | undefined,
      parse: (text: string) => T,
      hint: string,
    ): T | undefined {
      if (text !== undefined) return optional(name, text, parse);
      problems.push({ name, rule: 'must not be empty', hint });
      return undefined;
    },
    /** Like `required`; the value is never shown. */
    secret<T>(
      name: string,
      text: string | undefined,
      parse: (text: string) => T,
      hint: string,
    ): T | undefined {
      if (text) return attempt(name, undefined, () => parse(text));
      problems.push({ name, rule: 'must not be empty', hint });
      return undefined;
    },
    /** Like `optional`; a value that may contain a password is not shown. */
    private<T>(name: string, text: string | undefined, parse: (text: string) => T): T | undefined {
      if (text?.includes('@')) return attempt(name, undefined, () => parse(text));
      return optional(name, text, parse);
    },
    /** Runs the check even if the input is not set. */
    always<T>(name: string, text: string | undefined, parse: () => T): T | undefined {
      if (text !== undefined) return optional(name, text, parse);
      return attempt(name, undefined, parse);
    },
    list<T>(name: string, text: string | undefined, parse: (text: string) => T): readonly T[] {
      const items = attempt(name, text, () => parseList(text ?? '')) ?? [];
      const parsed = items.map((item, index) => optional(`${name}[${index}]`, item, parse));
      return parsed.filter((item) => item !== undefined);
    },
  };
}

/** Inputs that may contain a literal "$"; they are invalid only if they consist of a single variable. */
const mayHoldDollars = ['policy', 'session_name'];

/** @throws {RuleError} if the text contains the name of a variable: GitLab keeps it if the variable has no value */
function checkExpanded(name: string, text: string): void {
  const variable = mayHoldDollars.includes(name) ? /^\$\{?(\w+)\}?$/ : /\$\{?([A-Za-z_]\w*)/;
  const found = variable.exec(text)?.[1];
  if (found === undefined) return;
  throw new RuleError(
    `must not contain a variable that is not set: ${found}`,
    found.startsWith('AWS_OIDC_')
      ? `The component itself sets ${found}: rename your variable to one that does not start with AWS_OIDC_.`
      : 'It does not exist, or it is protected or limited to an environment and this job is not.',
  );
}

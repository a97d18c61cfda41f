import { type Problem, RuleError } from '../errors.ts';
import { parseList } from './values.ts';

/**
 * Runs checks on single values and collects what they throw, so that a user sees everything that is
 * wrong at once. Each check gives the parsed value, or undefined where a problem was noted.
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
    /** As `required`; the value is never shown. */
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
    /** As `optional`; a value that may hold a password is not shown. */
    private<T>(name: string, text: string | undefined, parse: (text: string) => T): T | undefined {
      if (text?.includes('@')) return attempt(name, undefined, () => parse(text));
      return optional(name, text, parse);
    },
    /** Runs the check even where nothing is set. */
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

/** Inputs whose text may have a "$" of its own; only one that is nothing but a variable is wrong. */
const mayHoldDollars = ['policy', 'session_name'];

/** @throws {RuleError} where a variable in the text had no value, so that GitLab left its name there */
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

/** What a process exits with; part of the fixed interface (the templates retry on `passing`). */
export const exitCodes = { done: 0, failed: 1, input: 2, passing: 75 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Stable names of everything that can go wrong, and the exit code each leads to. */
const exitCodeOf = {
  /** One or more inputs, or the ID token, break a rule. Nothing was sent. */
  INVALID_INPUT: exitCodes.input,
  /** STS said no. Asking again would give the same answer. */
  REFUSED: exitCodes.failed,
  /** STS or the way to it did not work before the deadline; a later try may succeed. */
  UNAVAILABLE: exitCodes.passing,
  /** No connection that can be trusted: a certificate or TLS error. */
  UNTRUSTED_CONNECTION: exitCodes.failed,
  /** STS answered for another account than the role's. */
  UNEXPECTED_ROLE: exitCodes.failed,
  /** The credentials could not be written in the form asked for. */
  HAND_OFF_FAILED: exitCodes.failed,
} as const satisfies Record<string, ExitCode>;

export type ErrorCode = keyof typeof exitCodeOf;

/** One rule of the input that was broken: what, which rule, the value found (if it is safe to show). */
export interface Problem {
  readonly name: string;
  readonly rule: string;
  readonly value?: string | undefined;
  readonly hint?: string | undefined;
}

/** Why something was refused, as far as one can tell from here, and what to change. */
export interface Cause {
  /** Never changes: `subject-merge-request`. */
  readonly id: string;
  /** What is wrong, in one sentence. */
  readonly summary: string;
  /** The values that show it. */
  readonly evidence: string;
  /** What to change, with the corrected value. */
  readonly remedy: string;
  /** Two texts that differ, to be shown one above the other. */
  readonly difference?: { readonly token: string; readonly policy: string } | undefined;
}

/**
 * An error that the user can act on. `message` states what happened and never holds a token, a
 * secret or a raw response; `hint` says what to do next.
 */
export class AwsOidcError extends Error {
  override readonly name = 'AwsOidcError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly problems: readonly Problem[];
  /** The likeliest first. */
  readonly causes: readonly Cause[];
  /** Lines that belong below the message, a quoted source for example. */
  readonly lines: readonly string[];

  constructor(
    code: ErrorCode,
    message: string,
    details: {
      hint?: string | undefined;
      cause?: unknown;
      problems?: readonly Problem[];
      causes?: readonly Cause[];
      lines?: readonly string[];
    } = {},
  ) {
    super(message, { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.problems = details.problems ?? [];
    this.causes = details.causes ?? [];
    this.lines = details.lines ?? [];
  }

  get exitCode(): ExitCode {
    return exitCodeOf[this.code];
  }
}

/** A single value breaks a rule. Whoever validates the whole input collects these into problems. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
  readonly hint: string | undefined;

  constructor(rule: string, hint?: string) {
    super(rule);
    this.hint = hint;
  }
}

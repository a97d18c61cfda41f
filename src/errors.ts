/** Exit codes, which are part of the public interface. The templates retry on `passing`, a temporary failure. */
export const exitCodes = { done: 0, failed: 1, input: 2, passing: 75 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The error codes, whose names do not change, and their exit codes. */
const exitCodeOf = {
  /** One or more inputs, or the ID token, are invalid. Nothing was sent. */
  INVALID_INPUT: exitCodes.input,
  /** STS refused the request, or the response is not from STS. A retry would give the same result. */
  REFUSED: exitCodes.failed,
  /** STS, or the connection to it, failed until the deadline; a later attempt may succeed. */
  UNAVAILABLE: exitCodes.passing,
  /** The connection is not trusted: a certificate or TLS error. */
  UNTRUSTED_CONNECTION: exitCodes.failed,
  /** STS returned credentials for an account other than the role's, or without an account. */
  UNEXPECTED_ROLE: exitCodes.failed,
  /** The credentials could not be written in the requested format or place. */
  HAND_OFF_FAILED: exitCodes.failed,
} as const satisfies Record<string, ExitCode>;

export type ErrorCode = keyof typeof exitCodeOf;

/** An invalid input: its name, the rule it breaks, and its value (if that is safe to show). */
export interface Problem {
  readonly name: string;
  readonly rule: string;
  readonly value?: string | undefined;
  readonly hint?: string | undefined;
}

/** A possible cause of a refusal, and what to change. */
export interface Cause {
  /** A stable ID, for example `subject-merge-request`. */
  readonly id: string;
  /** What is wrong, in one sentence. */
  readonly summary: string;
  /** The values that show it. */
  readonly evidence: string;
  /** What to change, with the corrected value. */
  readonly remedy: string;
  /** Two texts that differ, to show one above the other. */
  readonly difference?: { readonly token: string; readonly policy: string } | undefined;
}

/**
 * An error that the user can act on. `message` says what happened and never contains a token, a
 * secret or a raw response; `hint` says what to do next.
 */
export class AwsOidcError extends Error {
  override readonly name = 'AwsOidcError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly problems: readonly Problem[];
  /** Most likely first. */
  readonly causes: readonly Cause[];
  /** Lines to print below the message, for example a quoted source. */
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

/** A single value breaks a rule. The reader of all inputs collects these errors as problems. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
  readonly hint: string | undefined;

  constructor(rule: string, hint?: string) {
    super(rule);
    this.hint = hint;
  }
}

/** A condition of a policy that a token does not meet. */
export interface Miss {
  readonly operator: string;
  readonly key: string;
  readonly wanted: readonly string[];
  /** Undefined if the request does not have the key. */
  readonly actual: readonly string[] | undefined;
  readonly note: string | undefined;
  /** True if the policy's version does not support policy variables. */
  readonly withoutVariables: boolean;
}

/** Values as a message shows them: `"a" or "b"`. */
export function quotedList(values: readonly string[] | undefined): string {
  return (values ?? []).map((value) => `"${value}"`).join(' or ') || 'nothing';
}

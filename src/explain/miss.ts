/** A condition of a policy that a token does not meet. */
export interface Miss {
  readonly operator: string;
  readonly key: string;
  readonly wanted: readonly string[];
  /** Undefined where the request has no such key. */
  readonly actual: readonly string[] | undefined;
  readonly note: string | undefined;
  /** Its policy is of a version that has no variables. */
  readonly withoutVariables: boolean;
}

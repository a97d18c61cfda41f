/** Flags as typed on the command line; each may be absent. */
export interface TrustTargetFlags {
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  readonly account?: string | undefined;
  readonly partition?: string | undefined;
  readonly project?: string | undefined;
  readonly projectId?: string | undefined;
  readonly namespaceId?: string | undefined;
  /** The role trusts each of them. */
  readonly branch?: readonly string[] | undefined;
  readonly tag?: readonly string[] | undefined;
  readonly environment?: readonly string[] | undefined;
  readonly mergeRequests?: boolean | undefined;
  readonly roleName?: string | undefined;
  readonly duration?: string | undefined;
  /** False for `--no-provider`. */
  readonly provider?: boolean | undefined;
  /** The roles that assume this one; then it trusts no tokens. */
  readonly chainedFrom?: readonly string[] | undefined;
  readonly externalId?: string | undefined;
  /** False for `--no-session-tags`. */
  readonly sessionTags?: boolean | undefined;
  readonly sourceIdentity?: boolean | undefined;
}

/** An OpenID Connect provider of an account, as IAM describes it. */
export interface IdentityProvider {
  /** Undefined if the description does not contain it, as in the output of get-open-id-connect-provider. */
  readonly arn: string | undefined;
  /** The issuer without its scheme: `gitlab.com`. */
  readonly name: string;
  /** The client IDs, which are the accepted audiences; undefined if only the ARN is known. */
  readonly audiences: readonly string[] | undefined;
  readonly thumbprints: readonly string[];
}

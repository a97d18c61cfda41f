import type { KnownText } from './known-text.ts';

/** Something that a command creates, changes or removes, and that may belong to a recipe. */
export type Touch =
  /** Calls STS. */
  | { readonly kind: 'call' }
  /** Sets a variable from STS's response. */
  | { readonly kind: 'answer'; readonly variable: string }
  /** Sets a variable to the ID token. */
  | { readonly kind: 'alias'; readonly variable: string }
  /** Sets a variable that an SDK reads, such as AWS_ROLE_ARN. */
  | { readonly kind: 'setting'; readonly variable: string }
  /** Writes the ID token, or a part of the response, to a file. */
  | { readonly kind: 'token file' | 'answer file'; readonly path: KnownText }
  /** Writes to a configuration or credentials file of the AWS CLI. */
  | { readonly kind: 'profile file'; readonly path: KnownText }
  /** `aws configure set` */
  | { readonly kind: 'profile setting'; readonly profile: string; readonly setting: string }
  /** Creates a folder, or protects or removes a file. */
  | { readonly kind: 'upkeep'; readonly paths: readonly KnownText[] }
  /** Unsets variables. */
  | { readonly kind: 'unset'; readonly variables: readonly string[] };

/** The effect of a command. */
export interface Effect {
  readonly touches: readonly Touch[];
  /** True if the command does nothing else, so that it can be removed with what it touches. */
  readonly isWhole: boolean;
  /** Files that it reads and that the script wrote. */
  readonly reads?: readonly KnownText[];
}

export const noEffect: Effect = { touches: [], isWhole: false };

import type { KnownText } from './known-text.ts';

/** A thing that a command makes, changes or takes away, and that may belong to a recipe. */
export type Touch =
  /** Asks STS. */
  | { readonly kind: 'call' }
  /** Gives a variable something of STS's answer. */
  | { readonly kind: 'answer'; readonly variable: string }
  /** Gives a variable the ID token. */
  | { readonly kind: 'alias'; readonly variable: string }
  /** Sets a variable that an SDK reads, such as AWS_ROLE_ARN. */
  | { readonly kind: 'setting'; readonly variable: string }
  /** Writes the ID token, or something of the answer, into a file. */
  | { readonly kind: 'token file' | 'answer file'; readonly path: KnownText }
  /** Writes into a configuration or credentials file of the AWS CLI. */
  | { readonly kind: 'profile file'; readonly path: KnownText }
  /** `aws configure set` */
  | { readonly kind: 'profile setting'; readonly profile: string; readonly setting: string }
  /** Makes a folder, or protects or removes a file. */
  | { readonly kind: 'upkeep'; readonly paths: readonly KnownText[] }
  /** Takes variables away. */
  | { readonly kind: 'unset'; readonly variables: readonly string[] };

/** What a command does. */
export interface Effect {
  readonly touches: readonly Touch[];
  /** True where the command does nothing else, so that it can go with what it touches. */
  readonly isWhole: boolean;
  /** Files of the script's own that it reads. */
  readonly reads?: readonly KnownText[];
}

export const noEffect: Effect = { touches: [], isWhole: false };

import type { TrustTargetFlags } from '../trust-policy/trust-target-flags.ts';

/** What the role may do, beyond being assumed. */
export interface PermissionFlags {
  /** Managed policies to attach. */
  readonly policyArn?: readonly string[] | undefined;
  /** A file with an inline policy. */
  readonly policy?: string | undefined;
  readonly permissionsBoundary?: string | undefined;
}

/** Flags as typed on the command line; each may be absent. */
export interface SetupFlags
  extends Omit<TrustTargetFlags, 'environment' | 'mergeRequests' | 'provider'>,
    PermissionFlags {
  /** The git remote of the GitLab project, if there are several. */
  readonly remote?: string | undefined;
  readonly profile?: string | undefined;
  /** The region of AWS requests, and of the jobs. */
  readonly region?: string | undefined;
  /** Changes a role that exists and differs. */
  readonly updateRole: boolean;
  /** False for `--no-provider`: the provider is managed elsewhere. */
  readonly provider: boolean;
  /** False for `--no-pipeline`: the lines are printed, no file is written. */
  readonly pipeline: boolean;
  /** The path of the components to include, and their version. */
  readonly component: string;
  readonly componentVersion: string;
  readonly yes: boolean;
  readonly run: boolean;
  readonly output?: 'cloudformation' | 'terraform' | 'cli' | undefined;
  readonly format: 'text' | 'json';
}

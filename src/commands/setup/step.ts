import { quotePosix } from '../../hand-off/quote.ts';

/** One change that a plan makes, or something that is already as it should be. */
export interface Step {
  readonly resource: 'identity-provider' | 'role' | 'policy' | 'pipeline';
  readonly change: 'create' | 'update' | 'none';
  /** What will exist, as a noun: `role deploy`. */
  readonly title: string;
  /** What changes, line by line: a document, or a diff. */
  readonly lines: readonly string[];
  /** Makes the change; absent for `none`. */
  readonly apply?: () => Promise<void>;
  /** The command that takes the change back. */
  readonly undo?: string;
}

/** Something that is already as it should be. */
export function unchanged(resource: Step['resource'], title: string): Step {
  return { resource, change: 'none', title, lines: [] };
}

/** The same step; its undo uses the profile that setup uses. */
export function withProfile(step: Step, profile: string | undefined): Step {
  if (profile === undefined || !step.undo?.startsWith('aws ')) return step;
  return { ...step, undo: `${step.undo} --profile ${quotePosix(profile)}` };
}

/** A command of the AWS CLI, with its arguments quoted for a POSIX shell. */
export function awsCommand(...words: readonly string[]): string {
  return ['aws', ...words].map(quotePosix).join(' ');
}

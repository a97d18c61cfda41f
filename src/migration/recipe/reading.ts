import type { ShellCommand } from '../../shell/script.ts';
import { CommandReader } from './command-reader.ts';
import type { JobScript, ScriptItem } from './job-script.ts';
import type { Profile } from './profile.ts';
import { type JobVariables, ShellState } from './shell-state.ts';
import type { Effect } from './touch.ts';

/** A command of a script, and its effect. */
export interface Step {
  /** Its position in the whole script, from 0. */
  readonly index: number;
  readonly item: ScriptItem;
  readonly command: ShellCommand;
  readonly effect: Effect;
}

/** The result of reading a whole script. */
export interface Reading {
  readonly steps: readonly Step[];
  /** The state of the shell at the end. */
  readonly state: ShellState;
  readonly profiles: readonly Profile[];
  /** Items that are not valid shell. */
  readonly unread: readonly ScriptItem[];
}

/**
 * Follows a script: which variables, files and profiles it creates, and from which values.
 *
 * @param scripts texts of the repository that it may source, by path
 */
export function readJobScript(
  script: JobScript,
  variables: JobVariables,
  scripts: (path: string) => string | undefined,
): Reading {
  const state = new ShellState(variables);
  const reader = new CommandReader(state, scripts);
  const steps = script
    .flatMap((item) => (item.commands ?? []).map((command) => ({ item, command })))
    .map((one, index) => ({ ...one, index, effect: reader.read(one.command) }));
  const unread = script.filter(({ commands }) => commands === undefined);
  return { steps, state, profiles: reader.profiles(), unread };
}

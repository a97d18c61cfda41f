import type { Command, Pipeline } from 'unbash';
import { programOf, wordsOf } from '../../shell/script.ts';
import type { ConfiguredProfiles } from './configured-profiles.ts';
import type { Evaluator } from './evaluator.ts';
import { bounded, hasAnswer, type KnownText, tokenVariable, unknown } from './known-text.ts';
import type { ShellState } from './shell-state.ts';
import type { Effect, Touch } from './touch.ts';

/** The files that a script writes, creates, protects and removes. */
export class WrittenFiles {
  readonly #state: ShellState;
  readonly #evaluator: Evaluator;
  readonly #profiles: ConfiguredProfiles;

  constructor(state: ShellState, evaluator: Evaluator, profiles: ConfiguredProfiles) {
    this.#state = state;
    this.#evaluator = evaluator;
    this.#profiles = profiles;
  }

  /**
   * Reads `… > file` and `… | tee file`.
   *
   * @param last the last command of a pipeline, or the command itself
   * @returns undefined if no file is written
   */
  write(node: Command | Pipeline, last: Command): Effect | undefined {
    const target = this.#evaluator.target(last.redirects);
    const teed = programOf(last) === 'tee' ? wordsOf(last).filter(({ value }) => !value.startsWith('-')) : [];
    if (target === undefined && teed.length === 0) return undefined;
    const source =
      node.type === 'Pipeline' && teed.length > 0 ? { ...node, commands: node.commands.slice(0, -1) } : node;
    const content = this.#evaluator.output(source);
    const appends = target?.appends === true || wordsOf(last).some(({ value }) => value === '-a');
    const paths =
      teed.length > 0
        ? teed.map((word) => this.#state.path(this.#evaluator.text(word)))
        : [target?.path ?? unknown];
    const touches = paths.flatMap((path) => this.#put(path, content, appends));
    return { touches, isWhole: touches.length === paths.length };
  }

  #put(path: KnownText, content: KnownText, appends: boolean): readonly Touch[] {
    if (path === '/dev/null') return [];
    const whole = bounded(appends ? (this.#state.files.get(path) ?? '') + content : content);
    this.#state.files.set(path, whole);
    if (this.#profiles.isFile(path)) return [{ kind: 'profile file', path }];
    if (tokenVariable(whole) !== undefined) return [{ kind: 'token file', path }];
    return hasAnswer(content) ? [{ kind: 'answer file', path }] : [];
  }

  /** Reads `mkdir`, `touch`, `chmod`, `rm` and `install`. */
  maintain(command: Command): Effect {
    const paths = wordsOf(command)
      .map((word) => this.#state.path(this.#evaluator.text(word)))
      .filter((text) => !/^-|^[0-7]{3,4}$|^[ugoa]*[-+=][rwx]+$/.test(text));
    return {
      touches: [{ kind: 'upkeep', paths }],
      isWhole: this.#evaluator.target(command.redirects) === undefined,
    };
  }
}

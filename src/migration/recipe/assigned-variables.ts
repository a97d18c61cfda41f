import type { Assignment, Command, Word } from 'unbash';
import { literal, programOf, wordsOf } from '../../shell/script.ts';
import { sdkVariables } from './aws-variables.ts';
import type { Evaluator } from './evaluator.ts';
import { hasAnswer, type KnownText, tokenVariable, unknown } from './known-text.ts';
import type { ShellState } from './shell-state.ts';
import { type Effect, noEffect, type Touch } from './touch.ts';

/** The variables that a script sets, exports and unsets. */
export class AssignedVariables {
  readonly #state: ShellState;
  readonly #evaluator: Evaluator;

  constructor(state: ShellState, evaluator: Evaluator) {
    this.#state = state;
    this.#evaluator = evaluator;
  }

  /** Reads `NAME=value`. */
  assign({ prefix, redirects }: Command): Effect {
    const assignments = prefix.filter((one): one is Assignment => one.type === 'Assignment');
    const touches = assignments.flatMap((one) => this.#assignment(one, false));
    return { touches, isWhole: touches.length === assignments.length && redirects.length === 0 };
  }

  /**
   * Reads `export`, `declare`, `typeset`, `local` and `readonly`.
   *
   * @returns undefined if the command declares functions or name references, or prints
   */
  declare(command: Command, text: string): Effect | undefined {
    const options = wordsOf(command).flatMap(({ value }) => (/^[-+]/.test(value) ? [value] : []));
    if (options.some((option) => /^[-+].*[fnp]/.test(option))) return undefined;
    const exports = programOf(command) === 'export' || options.some((option) => /^-.*x/.test(option));
    const args = command.args.filter((one) => one.type !== 'Word' || !/^[-+]/.test(one.value));
    const touches = args.map((one) =>
      one.type === 'Word' ? this.#declared(one, exports, text) : this.#assignment(one, exports),
    );
    return { touches: touches.flat(), isWhole: touches.every((one) => one.length > 0) && touches.length > 0 };
  }

  #declared(word: Word, exports: boolean, text: string): readonly Touch[] {
    const name = literal(word);
    if (name === undefined) return this.evaluate(this.#evaluator.text(word), text, exports).touches;
    if (exports) this.#state.exported.add(name);
    return this.#touchOf(name, this.#state.assigned(name));
  }

  #assignment({ name, value, append }: Assignment, exports: boolean): readonly Touch[] {
    const text =
      value.type === 'ArrayValue' ? this.#evaluator.texts(value.elements) : this.#evaluator.text(value);
    const whole = append === true ? (this.#state.assigned(name) ?? unknown) + text : text;
    this.#state.assign(name, whole);
    if (exports) this.#state.exported.add(name);
    return this.#touchOf(name, whole);
  }

  #touchOf(variable: string, value: KnownText | undefined): readonly Touch[] {
    if (value !== undefined && hasAnswer(value)) return [{ kind: 'answer', variable }];
    if (value !== undefined && tokenVariable(value) !== undefined) return [{ kind: 'alias', variable }];
    return sdkVariables.has(variable) ? [{ kind: 'setting', variable }] : [];
  }

  /**
   * Reads text that the shell evaluates as assignments. An unknown text may set any variable.
   *
   * @param text the command, for a message
   */
  evaluate(content: KnownText, text: string, exports = /\bexport\b|declare -x/.test(content)): Effect {
    const names = [...content.matchAll(/\b([A-Za-z_]\w*)=/g)].map(([, name]) => name ?? '');
    if (!hasAnswer(content)) {
      this.#state.obscure(text);
      return noEffect;
    }
    for (const name of names) {
      this.#state.assign(name, content);
      if (exports) this.#state.exported.add(name);
    }
    const touches: readonly Touch[] = names.map((variable) => ({ kind: 'answer', variable }));
    return { touches, isWhole: touches.length > 0 };
  }

  /** Reads `read`, `mapfile` and `readarray`. */
  read(command: Command): Effect {
    const given = this.#evaluator.given(command.redirects);
    const names = wordsOf(command).flatMap((word) =>
      /^[A-Za-z_]\w*$/.test(literal(word) ?? '') ? [word.value] : [],
    );
    for (const name of names) this.#state.assign(name, hasAnswer(given) ? given : unknown);
    const touches = names.flatMap((name) => this.#touchOf(name, this.#state.assigned(name)));
    return { touches, isWhole: touches.length === names.length && names.length > 0 };
  }

  /** Reads `unset`. */
  unset(command: Command): Effect {
    const variables = wordsOf(command).flatMap(({ value }) => (value.startsWith('-') ? [] : [value]));
    return { touches: [{ kind: 'unset', variables }], isWhole: true };
  }

  /** Reads `set -a`, `set +a` and `set -- …`. */
  set(command: Command): Effect {
    const options = wordsOf(command).map((word) => word.value);
    const end = options.indexOf('--');
    if (end >= 0) return this.#positional(wordsOf(command).slice(end + 1));
    for (const [index, option] of options.entries()) {
      const isAll = /^[-+][a-z]*a/.test(option) || options[index + 1] === 'allexport';
      if (isAll && /^[-+]/.test(option)) this.#state.exportsAll = option.startsWith('-');
    }
    return noEffect;
  }

  /** `set -- $(aws sts …)`: the response is in $1, $2 and $3. */
  #positional(words: readonly Word[]): Effect {
    const text = this.#evaluator.texts(words);
    const touches = ['1', '2', '3', '@', '*'].flatMap((name) => {
      this.#state.assign(name, hasAnswer(text) ? text : unknown);
      return this.#touchOf(name, text);
    });
    return { touches, isWhole: touches.length > 0 };
  }
}

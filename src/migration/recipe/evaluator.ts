import type { AndOr, Command, PipelineNode, Redirection, Script, Word, WordPart } from 'unbash';
import { descendants, programOf, wordsOf } from '../../shell/script.ts';
import {
  answer,
  bounded,
  concatenated,
  hasAnswer,
  isPath,
  type KnownText,
  temporaryPath,
  tokenVariable,
  unknown,
} from './known-text.ts';
import type { ShellState } from './shell-state.ts';
import { readStsCall, type StsCall } from './sts-call.ts';
import { echoed, filtered, formatted, isFilter, isHarmless } from './text-programs.ts';

/** Determines the text of words and the output of commands, without running them. */
export class Evaluator {
  readonly #state: ShellState;
  /** True after a command with side effects was read. */
  hasEffects = false;

  constructor(state: ShellState) {
    this.#state = state;
  }

  text(word: Word): KnownText {
    if (word.parts === undefined) return withoutDollar(word.value);
    return concatenated(word.parts.map((part) => this.#part(part)));
  }

  /** The texts of several words, separated by spaces. */
  texts(words: readonly Word[]): KnownText {
    return concatenated(words.map((word) => `${this.text(word)} `)).trimEnd();
  }

  /** What a command prints. */
  output(node: PipelineNode | AndOr, input: KnownText = ''): KnownText {
    if (node.type === 'Command') return this.#command(node, input);
    if (node.type === 'Pipeline' && node.prefixes.length === 0) {
      return node.commands.reduce((text, command) => this.output(command, text), input);
    }
    if (node.type === 'AndOr') return node.commands.map((one) => this.output(one)).join('\n');
    this.hasEffects = true;
    return unknown;
  }

  #part(part: WordPart): KnownText {
    switch (part.type) {
      case 'Literal':
      case 'SingleQuoted':
      case 'AnsiCQuoted':
      case 'Glob':
        return withoutDollar(part.value);
      case 'DoubleQuoted':
        return concatenated(part.parts.map((one) => this.#part(one)));
      case 'SimpleExpansion':
        return this.#state.value(part.text.slice(1), part.text);
      case 'ParameterExpansion':
        return this.#expansion(part);
      case 'CommandExpansion':
      case 'ProcessSubstitution':
        return this.#script(part.script).replace(/\n+$/, '');
      case 'BraceExpansion':
        return withoutDollar(part.text);
      default:
        return unknown;
    }
  }

  #expansion(part: Extract<WordPart, { type: 'ParameterExpansion' }>): KnownText {
    const value = this.#state.value(part.parameter, `\${${part.parameter}}`);
    const { operation } = part;
    if (operation === undefined && part.prefix === undefined) return value;
    if (hasAnswer(value)) return answer;
    // "${TOKEN:-…}" and "${TOKEN:?…}": every job has the token, so the default is not used
    return tokenVariable(value) !== undefined && operation?.type === 'Default' ? value : unknown;
  }

  #script(script: Script | undefined): KnownText {
    return (script?.commands ?? []).map(({ command }) => this.output(command)).join('\n');
  }

  #command(command: Command, piped: KnownText): KnownText {
    const call = readStsCall(command, (word) => this.text(word));
    if (call !== undefined) {
      this.#state.calls.push({ ...call, token: this.#tokenOf(call) });
      return answer;
    }
    const program = programOf(command);
    const args = wordsOf(command).map((word) => this.text(word));
    const input = [...command.redirects.map((one) => this.#input(one)), piped].join('');
    if (program === 'mktemp') return temporaryPath(this.#state.nextTemporaryFile());
    if (program === 'pwd') return '$PWD';
    if (program === undefined) return command.name === undefined ? input : this.#effect();
    if (program === 'echo') return bounded(echoed(args));
    if (program === 'printf') return bounded(formatted(args));
    if (program === 'cat') return args.length === 0 || args[0] === '-' ? input : this.#contents(args);
    if (isFilter(program)) {
      return filtered(program, [input, ...args, ...this.#filesNamedIn(args)], input, sourceOf(command));
    }
    this.hasEffects ||= !isHarmless(program);
    return [...args, input].some(hasAnswer) ? answer + unknown : unknown;
  }

  /** The token itself, or the content of its file. */
  #tokenOf({ token }: StsCall): KnownText {
    const path = /^fileb?:\/\/(.+)$/s.exec(token)?.[1];
    return path === undefined ? token : (this.#state.contents(path) ?? unknown);
  }

  #effect(): KnownText {
    this.hasEffects = true;
    return unknown;
  }

  #contents(paths: readonly KnownText[]): KnownText {
    return concatenated(paths.map((path) => this.#state.contents(path) ?? unknown));
  }

  /** Files that are arguments of a program, or that its code mentions. */
  #filesNamedIn(args: readonly KnownText[]): readonly KnownText[] {
    return [...this.#state.files]
      .filter(([path]) => args.some((arg) => arg.includes(path) || this.#state.path(arg) === path))
      .map(([path]) => this.#state.contents(path) ?? unknown);
  }

  #input(redirect: Redirection): KnownText {
    if (redirect.type === 'HereString')
      return redirect.target === undefined ? '' : this.text(redirect.target);
    if (redirect.type === 'HereDoc') return this.#hereDocument(redirect);
    if (redirect.operator !== '<' || redirect.target === undefined) return '';
    const isProcess = redirect.target.parts?.some(({ type }) => type === 'ProcessSubstitution') ?? false;
    const text = this.text(redirect.target);
    return isProcess ? text : (this.#state.contents(text) ?? unknown);
  }

  /** Its text; expanded if its delimiter is not quoted. */
  #hereDocument({ body, delimiter, operator }: Extract<Redirection, { type: 'HereDoc' }>): KnownText {
    const isLiteral = delimiter?.quoted === true || body.parts === undefined;
    const text = isLiteral ? body.text : concatenated((body.parts ?? []).map((part) => this.#part(part)));
    return operator === '<<-' ? text.replace(/^\t+/gm, '') : text;
  }

  /** The input of `read`, `mapfile` and similar commands. */
  given(redirects: readonly Redirection[]): KnownText {
    return redirects.map((one) => this.#input(one)).join('');
  }

  /** The path that a command's output goes to; undefined if it goes to the log. */
  target(
    redirects: readonly Redirection[],
  ): { readonly path: KnownText; readonly appends: boolean } | undefined {
    for (const one of redirects) {
      if (one.type !== 'Redirect' || one.target === undefined) continue;
      const isOutput =
        one.descriptor === undefined || ('value' in one.descriptor && one.descriptor.value === 1);
      if (!isOutput || !/^(>|>>|>\|)$/.test(one.operator)) continue;
      const path = this.#state.path(this.text(one.target));
      return { path: isPath(path) ? path : unknown, appends: one.operator === '>>' };
    }
    return undefined;
  }
}

function withoutDollar(text: string): KnownText {
  return text.includes('$') ? text.replaceAll('$', unknown) : text;
}

function sourceOf(command: Command): string {
  let text = '';
  for (const one of descendants(command)) if (one.type === 'Word') text += ` ${one.text}`;
  return text.replaceAll('\\n', '\n');
}

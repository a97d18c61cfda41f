import type { Command, For, If, Pipeline, PipelineNode, While } from 'unbash';
import { descendants, programOf, readScript, type ShellCommand, wordsOf } from '../../shell/script.ts';
import { runsUnseenText, variablesRead, variablesSet } from '../../shell/variables.ts';
import { AssignedVariables } from './assigned-variables.ts';
import { ConfiguredProfiles } from './configured-profiles.ts';
import { commandsIn, endsJob, isCheck, isIdle } from './control-flow.ts';
import { Evaluator } from './evaluator.ts';
import { hasAnswer, unknown } from './known-text.ts';
import type { Profile } from './profile.ts';
import type { ShellState } from './shell-state.ts';
import { awsAction } from './sts-call.ts';
import { type Effect, noEffect, type Touch } from './touch.ts';
import { WrittenFiles } from './written-files.ts';

/** Reads the commands of one shell in order, and records what they create. */
export class CommandReader {
  readonly #state: ShellState;
  readonly #evaluator: Evaluator;
  readonly #variables: AssignedVariables;
  readonly #profiles: ConfiguredProfiles;
  readonly #files: WrittenFiles;
  readonly #scripts: (path: string) => string | undefined;
  /** Scripts that are being sourced, so that one that sources itself is read only once. */
  readonly #sourcing = new Set<string>();

  /** @param scripts texts of the repository that a script may source, by path */
  constructor(state: ShellState, scripts: (path: string) => string | undefined) {
    this.#state = state;
    this.#scripts = scripts;
    this.#evaluator = new Evaluator(state);
    this.#variables = new AssignedVariables(state, this.#evaluator);
    this.#profiles = new ConfiguredProfiles(state, this.#evaluator);
    this.#files = new WrittenFiles(state, this.#evaluator, this.#profiles);
  }

  read({ node, fallbacks, inBackground, text }: ShellCommand): Effect {
    this.#state.read.clear();
    const effect = this.#measured(node, text);
    const reads = [...this.#state.read];
    return { ...effect, reads, isWhole: effect.isWhole && fallbacks.every(endsJob) && !inBackground };
  }

  profiles(): readonly Profile[] {
    return this.#profiles.all();
  }

  /** The effect of a command, including the STS calls in its words. */
  #measured(node: PipelineNode, text: string): Effect {
    const calls = this.#state.calls.length;
    this.#evaluator.hasEffects = false;
    const { touches, isWhole } = this.#effectOf(node, text);
    const asks: readonly Touch[] = this.#state.calls.length > calls ? [{ kind: 'call' }] : [];
    return { touches: [...asks, ...touches], isWhole: isWhole && !this.#evaluator.hasEffects };
  }

  #effectOf(node: PipelineNode, text: string): Effect {
    if (node.type === 'Command') return this.#command(node, text);
    if (node.type === 'Pipeline' && node.prefixes.length === 0) return this.#pipeline(node, text);
    if (node.type === 'If' || node.type === 'While' || node.type === 'For') {
      const around = this.#around(node, text);
      if (around !== undefined) return around;
    }
    return this.#unread(node, text);
  }

  /** A loop that retries the call, or an `if` that checks for a response, with nothing else in it. */
  #around(node: If | While | For, text: string): Effect | undefined {
    if (node.type === 'If' && !isCheck(node)) return undefined;
    // an input cannot hold what differs in each iteration
    if (node.type === 'For') this.#state.assign(node.name.value, unknown);
    const touches: Touch[] = [];
    for (const one of commandsIn(node)) {
      if (isIdle(one)) continue;
      const tested = one.type === 'If' ? undefined : this.#testedAnswers(one);
      const effect = tested ?? this.#measured(one, text);
      if (!effect.isWhole) return undefined;
      touches.push(...effect.touches);
    }
    return touches.length === 0 ? undefined : { touches, isWhole: true };
  }

  /** `[ -z "$CREDS" ]` */
  #testedAnswers(node: PipelineNode): Effect | undefined {
    const isTest = node.type === 'TestCommand' || /^(test|\[)$/.test(programOf(node) ?? '');
    if (!isTest) return undefined;
    const names = [...variablesRead(node)];
    const areAnswers = names.length > 0 && names.every((name) => hasAnswer(this.#state.assigned(name) ?? ''));
    return areAnswers
      ? { touches: names.map((variable) => ({ kind: 'answer', variable })), isWhole: true }
      : undefined;
  }

  /** A command of which only the variables that it may set are known. */
  #unread(node: PipelineNode, text: string): Effect {
    for (const name of variablesSet(node)) this.#state.assign(name, unknown);
    for (const one of descendants(node)) if (programOf(one) === 'trap') this.#trap(one as Command);
    if (runsUnseenText(node)) this.#state.obscure(text);
    return noEffect;
  }

  #command(command: Command, text: string): Effect {
    if (command.name === undefined) return this.#variables.assign(command);
    const read = this.#builtins.get(programOf(command) ?? '');
    if (read !== undefined) return read(command, text);
    if (awsAction(command)?.join(' ') === 'configure set') return this.#profiles.configure(command);
    return this.#printed(command, command, text);
  }

  readonly #builtins: ReadonlyMap<string, Read> = new Map(
    rows(
      ['export declare typeset local readonly', (command, text) => this.#declared(command, text)],
      ['read mapfile readarray', (command) => this.#variables.read(command)],
      ['eval', (command, text) => this.#variables.evaluate(this.#evaluator.texts(wordsOf(command)), text)],
      ['source .', (command, text) => this.#sourced(command, text)],
      ['mkdir touch chmod rm install', (command) => this.#files.maintain(command)],
      ['unset', (command) => this.#variables.unset(command)],
      ['set', (command) => this.#variables.set(command)],
      ['trap', (command) => this.#trap(command)],
    ),
  );

  #declared(command: Command, text: string): Effect {
    return this.#variables.declare(command, text) ?? this.#unread(command, text);
  }

  #pipeline(pipeline: Pipeline, text: string): Effect {
    const last = pipeline.commands.at(-1);
    return last?.type === 'Command' ? this.#printed(pipeline, last, text) : this.#unread(pipeline, text);
  }

  /** A command whose output goes to a file or to the log. */
  #printed(node: Command | Pipeline, last: Command, text: string): Effect {
    const written = this.#files.write(node, last);
    if (written !== undefined) return written;
    // it may still call STS, or read its response
    this.#evaluator.output(node);
    return this.#unread(node, text);
  }

  #sourced(command: Command, text: string): Effect {
    const [word] = wordsOf(command);
    const path = word === undefined ? '' : this.#evaluator.text(word);
    const isProcess = word?.parts?.some(({ type }) => type === 'ProcessSubstitution') ?? false;
    const content = isProcess ? path : this.#state.contents(path);
    if (content !== undefined) return this.#variables.evaluate(content, text);
    const place = this.#state.path(path);
    if (this.#sourcing.has(place)) return noEffect;
    const script = readScript(this.#scripts(place) ?? '(');
    // no recipe depends on what these files set
    if (script === undefined && !/(^|\/)(activate|nvm\.sh|\.bashrc|\.profile|profile)$/.test(path))
      this.#state.obscure(text);
    this.#sourcing.add(place);
    for (const one of script ?? []) this.#effectOf(one.node, one.text);
    this.#sourcing.delete(place);
    return noEffect;
  }

  /** A trap that only removes files belongs to those files. */
  #trap(command: Command): Effect {
    const [action, ...signals] = wordsOf(command);
    const commands = readScript(action === undefined ? '' : (action.value ?? '')) ?? [];
    const effects = commands.map(({ node, text }) =>
      programOf(node) === 'rm' ? this.#effectOf(node, text) : noEffect,
    );
    const touches = effects.flatMap((one) => one.touches);
    if (touches.length > 0 && effects.every(({ isWhole }) => isWhole)) return { touches, isWhole: true };
    for (const { value } of signals) this.#state.trapped.add(value.replace(/^SIG/, ''));
    return noEffect;
  }
}

type Read = (command: Command, text: string) => Effect;

/** One entry for each of the names in a row. */
function rows(
  ...all: readonly (readonly [names: string, read: Read])[]
): readonly (readonly [string, Read])[] {
  return all.flatMap(([names, read]) => names.split(' ').map((name) => [name, read] as const));
}

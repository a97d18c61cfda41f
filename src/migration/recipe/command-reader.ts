import type { AndOr, Assignment, Command, For, If, Pipeline, PipelineNode, While, Word } from 'unbash';
import { descendants, literal, programOf, readScript, type ShellCommand } from '../../shell/script.ts';
import { runsUnseenText, variablesRead, variablesSet } from '../../shell/variables.ts';
import { Evaluator } from './evaluator.ts';
import { bounded, hasAnswer, type KnownText, tokenVariable, unknown } from './known-text.ts';
import { type Profile, readProfiles } from './profile.ts';
import type { ShellState } from './shell-state.ts';
import { awsAction } from './sts-call.ts';
import { type Effect, noEffect, type Touch } from './touch.ts';

/** Variables that tell an SDK which role to assume by itself, or where its profiles are. */
export const sdkVariables: ReadonlySet<string> = new Set([
  'AWS_ROLE_ARN',
  'AWS_ROLE_SESSION_NAME',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_SDK_LOAD_CONFIG',
]);

/** Variables that hold the keys of a session. */
export const keyVariables: ReadonlySet<string> = new Set([
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
]);

/** Reads the commands of one shell, one after the other, and keeps what they make. */
export class CommandReader {
  readonly #state: ShellState;
  readonly #evaluator: Evaluator;
  readonly #scripts: (path: string) => string | undefined;
  /** Scripts that are being sourced: one that sources itself ends here. */
  readonly #sourcing = new Set<string>();
  /** Settings that `aws configure set` made, by profile. */
  readonly #settings = new Map<string, Map<string, KnownText>>();

  /** @param scripts texts of the repository that a script may source, by their paths */
  constructor(state: ShellState, scripts: (path: string) => string | undefined) {
    this.#state = state;
    this.#scripts = scripts;
    this.#evaluator = new Evaluator(state);
  }

  read({ node, fallbacks, inBackground, text }: ShellCommand): Effect {
    this.#state.read.clear();
    const effect = this.#measured(node, text);
    const reads = [...this.#state.read];
    return { ...effect, reads, isWhole: effect.isWhole && fallbacks.every(endsJob) && !inBackground };
  }

  /** What a command does, with the calls that stand in its words. */
  #measured(node: PipelineNode, text: string): Effect {
    const calls = this.#state.calls.length;
    this.#evaluator.hasEffects = false;
    const { touches, isWhole } = this.#effectOf(node, text);
    const asks: readonly Touch[] = this.#state.calls.length > calls ? [{ kind: 'call' }] : [];
    return { touches: [...asks, ...touches], isWhole: isWhole && !this.#evaluator.hasEffects };
  }

  /** The profiles that the commands wrote so far, whoever they are for. */
  profiles(): readonly Profile[] {
    const written = [...this.#state.files].flatMap(([path, text]) =>
      this.#isProfileFile(path) ? (readProfiles(text) ?? []) : [],
    );
    const merged = new Map<string, Map<string, KnownText>>();
    const set = [...this.#settings].map(([name, settings]) => ({ name, settings }));
    for (const { name, settings } of [...written, ...set]) {
      merged.set(name, new Map([...(merged.get(name) ?? []), ...settings]));
    }
    return [...merged].map(([name, settings]) => ({ name, settings }));
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

  /** A loop that asks again, or a test whether an answer came: there is nothing else in them. */
  #around(node: If | While | For, text: string): Effect | undefined {
    if (node.type === 'If' && !isCheck(node)) return undefined;
    // what differs from turn to turn is nothing that an input can hold
    if (node.type === 'For') this.#state.assign(node.name.value, unknown);
    const touches: Touch[] = [];
    for (const one of nodesIn(node)) {
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
    for (const one of descendants(node)) if (programOf(one) === 'trap') this.#trapped(one as Command);
    if (runsUnseenText(node)) this.#state.obscure(text);
    return noEffect;
  }

  #command(command: Command, text: string): Effect {
    if (command.name === undefined) return this.#assignments(command);
    const program = programOf(command);
    switch (program) {
      case 'export':
      case 'declare':
      case 'typeset':
      case 'local':
      case 'readonly':
        return this.#declaration(command, program, text);
      case 'read':
      case 'mapfile':
      case 'readarray':
        return this.#reading(command);
      case 'eval':
        return this.#evaluated(this.#evaluator.texts(wordsOf(command)), text);
      case 'source':
      case '.':
        return this.#sourced(command, text);
      case 'mkdir':
      case 'touch':
      case 'chmod':
      case 'rm':
      case 'install':
        return this.#upkeep(command);
      case 'unset':
        return this.#unset(command);
      case 'set':
        return this.#set(command);
      case 'trap':
        return this.#trapped(command);
      case 'aws':
        if (awsAction(command)?.join(' ') === 'configure set') return this.#configured(command);
    }
    return this.#written(command, command, text);
  }

  #pipeline(pipeline: Pipeline, text: string): Effect {
    const last = pipeline.commands.at(-1);
    return last?.type === 'Command' ? this.#written(pipeline, last, text) : this.#unread(pipeline, text);
  }

  /** `… > file`, or `… | tee file` */
  #written(node: Command | Pipeline, last: Command, text: string): Effect {
    const target = this.#evaluator.target(last.redirects);
    const teed = programOf(last) === 'tee' ? wordsOf(last).filter(({ value }) => !value.startsWith('-')) : [];
    if (target === undefined && teed.length === 0) {
      // what is printed may still ask STS, or hold its answer
      this.#evaluator.output(node);
      return this.#unread(node, text);
    }
    const source =
      node.type === 'Pipeline' && teed.length > 0 ? { ...node, commands: node.commands.slice(0, -1) } : node;
    const content = this.#evaluator.output(source);
    const appends = target?.appends === true || wordsOf(last).some(({ value }) => value === '-a');
    const paths =
      teed.length > 0
        ? teed.map((word) => this.#state.path(this.#evaluator.text(word)))
        : [target?.path ?? unknown];
    const touches = paths.flatMap((path) => this.#write(path, content, appends));
    return { touches, isWhole: touches.length === paths.length };
  }

  #write(path: KnownText, content: KnownText, appends: boolean): readonly Touch[] {
    if (path === '/dev/null') return [];
    const whole = bounded(appends ? (this.#state.files.get(path) ?? '') + content : content);
    this.#state.files.set(path, whole);
    if (this.#isProfileFile(path)) return [{ kind: 'profile file', path }];
    if (tokenVariable(whole) !== undefined) return [{ kind: 'token file', path }];
    return hasAnswer(content) ? [{ kind: 'answer file', path }] : [];
  }

  #isProfileFile(path: KnownText): boolean {
    if (/^(\$HOME|\/root)\/\.aws\/(config|credentials)$/.test(path)) return true;
    return ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'].some(
      (name) => path === this.#state.path(`$${name}`),
    );
  }

  #assignments({ prefix, redirects }: Command): Effect {
    const assignments = prefix.filter((one): one is Assignment => one.type === 'Assignment');
    const touches = assignments.flatMap((one) => this.#assign(one, false));
    return { touches, isWhole: touches.length === assignments.length && redirects.length === 0 };
  }

  #declaration(command: Command, program: string, text: string): Effect {
    const options = wordsOf(command).flatMap(({ value }) => (/^[-+]/.test(value) ? [value] : []));
    if (options.some((option) => /^[-+].*[fnp]/.test(option))) return this.#unread(command, text);
    const exports = program === 'export' || options.some((option) => /^-.*x/.test(option));
    const args = command.args.filter((one) => one.type !== 'Word' || !/^[-+]/.test(one.value));
    const touches = args.map((one) =>
      one.type === 'Word' ? this.#declared(one, exports, text) : this.#assign(one, exports),
    );
    return { touches: touches.flat(), isWhole: touches.every((one) => one.length > 0) && touches.length > 0 };
  }

  #declared(word: Word, exports: boolean, text: string): readonly Touch[] {
    const name = literal(word);
    if (name === undefined) return this.#evaluated(this.#evaluator.text(word), text, exports).touches;
    if (exports) this.#state.exported.add(name);
    return this.#touchOf(name, this.#state.assigned(name));
  }

  #assign({ name, value, append }: Assignment, exports: boolean): readonly Touch[] {
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

  /** A text that the shell reads as assignments; one that is not known may set anything. */
  #evaluated(content: KnownText, text: string, exports = /\bexport\b|declare -x/.test(content)): Effect {
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

  #sourced(command: Command, text: string): Effect {
    const [word] = wordsOf(command);
    const path = word === undefined ? '' : this.#evaluator.text(word);
    const isProcess = word?.parts?.some(({ type }) => type === 'ProcessSubstitution') ?? false;
    const content = isProcess ? path : this.#state.contents(path);
    if (content !== undefined) return this.#evaluated(content, text);
    const place = this.#state.path(path);
    if (this.#sourcing.has(place)) return noEffect;
    const script = readScript(this.#scripts(place) ?? '(');
    // what these set is nothing that a recipe is made of
    if (script === undefined && !/(^|\/)(activate|nvm\.sh|\.bashrc|\.profile|profile)$/.test(path))
      this.#state.obscure(text);
    this.#sourcing.add(place);
    for (const one of script ?? []) this.#effectOf(one.node, one.text);
    this.#sourcing.delete(place);
    return noEffect;
  }

  /** A trap that only removes files is their upkeep. */
  #trapped(command: Command): Effect {
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

  #reading(command: Command): Effect {
    const given = this.#evaluator.given(command.redirects);
    const names = wordsOf(command).flatMap((word) =>
      /^[A-Za-z_]\w*$/.test(literal(word) ?? '') ? [word.value] : [],
    );
    for (const name of names) this.#state.assign(name, hasAnswer(given) ? given : unknown);
    const touches = names.flatMap((name) => this.#touchOf(name, this.#state.assigned(name)));
    return { touches, isWhole: touches.length === names.length && names.length > 0 };
  }

  #upkeep(command: Command): Effect {
    const paths = wordsOf(command)
      .map((word) => this.#state.path(this.#evaluator.text(word)))
      .filter((text) => !/^-|^[0-7]{3,4}$|^[ugoa]*[-+=][rwx]+$/.test(text));
    return {
      touches: [{ kind: 'upkeep', paths }],
      isWhole: this.#evaluator.target(command.redirects) === undefined,
    };
  }

  #unset(command: Command): Effect {
    const variables = wordsOf(command).flatMap(({ value }) => (value.startsWith('-') ? [] : [value]));
    return { touches: [{ kind: 'unset', variables }], isWhole: true };
  }

  #set(command: Command): Effect {
    const options = wordsOf(command).map((word) => word.value);
    const end = options.indexOf('--');
    if (end >= 0) return this.#positional(wordsOf(command).slice(end + 1));
    for (const [index, option] of options.entries()) {
      const isAll = /^[-+][a-z]*a/.test(option) || options[index + 1] === 'allexport';
      if (isAll && /^[-+]/.test(option)) this.#state.exportsAll = option.startsWith('-');
    }
    return noEffect;
  }

  /** `set -- $(aws sts …)`: what comes is in $1, $2 and $3. */
  #positional(words: readonly Word[]): Effect {
    const text = this.#evaluator.texts(words);
    const touches = ['1', '2', '3', '@', '*'].flatMap((name) => {
      this.#state.assign(name, hasAnswer(text) ? text : unknown);
      return this.#touchOf(name, text);
    });
    return { touches, isWhole: touches.length > 0 };
  }

  #configured(command: Command): Effect {
    const words = wordsOf(command).map((word) => this.#evaluator.text(word));
    const at = words.findIndex((word) => word === '--profile' || word.startsWith('--profile='));
    const named = at < 0 ? undefined : (/=(.*)$/s.exec(words[at] ?? '')?.[1] ?? words[at + 1]);
    const [, , key = '', value = ''] = words.filter(
      (word, index) => !(word.startsWith('--') || (at >= 0 && words[at] === '--profile' && index === at + 1)),
    );
    const [, own, rest] = /^(?:profile\.)?([\w.-]+)\.(\w+)$/.exec(key) ?? [];
    const inUse = this.#state.environment('AWS_PROFILE') ?? this.#state.environment('AWS_DEFAULT_PROFILE');
    const profile = named ?? own ?? inUse ?? 'default';
    const setting = rest ?? key;
    const settings = this.#settings.get(profile) ?? new Map<string, KnownText>();
    this.#settings.set(profile, settings.set(setting, value));
    return { touches: [{ kind: 'profile setting', profile, setting }], isWhole: true };
  }
}

/** The commands of a loop or of a test, one after the other; of a test that only ends the job, what it tests. */
function nodesIn(node: If | While | For): readonly PipelineNode[] {
  const lists =
    node.type === 'For'
      ? [node.body]
      : node.type === 'While'
        ? [node.clause, node.body]
        : [
            node.clause,
            node.then,
            ...node.elif.flatMap(({ clause, then }) => [clause, then]),
            ...(node.else ? [node.else] : []),
          ];
  return lists.flatMap(({ commands }) =>
    commands
      .flatMap(({ command }) => (command.type === 'AndOr' ? command.commands : [command]))
      .map(withoutNegation),
  );
}

function withoutNegation(node: PipelineNode): PipelineNode {
  const [only] = node.type === 'Pipeline' && node.commands.length === 1 ? node.commands : [];
  return only ?? node;
}

/** Does a test end the job where there is no answer? Whatever else it decides is the script's own. */
function isCheck({ then, elif, else: otherwise }: If): boolean {
  const ends = (list: If['then']) => endsWithFailure(list.commands.map(({ command }) => command));
  return elif.length === 0 && (otherwise === undefined ? ends(then) : ends(otherwise));
}

/** Waits, counts, says something, or ends the loop or the job. */
function isIdle(node: PipelineNode): boolean {
  if (endsJob(node)) return true;
  if (node.type === 'If') return nodesIn(node).every((one) => isIdle(one) || isCounterTest(one));
  if (node.type !== 'Command') return node.type === 'ArithmeticCommand';
  if (node.name === undefined)
    return node.prefix.every((one) => one.type === 'Assignment' && /=(\$\(\(.*\)\)|\d+)$/s.test(one.text));
  return (
    /^(sleep|echo|printf|break|continue|true|false|:)$/.test(programOf(node) ?? '') &&
    node.redirects.every((one) => one.type === 'Redirect' && one.operator === '>&')
  );
}

/** `[ "$n" -ge 5 ]` */
function isCounterTest(node: PipelineNode): boolean {
  const words = node.type === 'Command' ? node.args.map(({ text }) => text).join(' ') : '';
  return /^(test|\[)$/.test(programOf(node) ?? '') && /-(ge|gt|eq|le|lt|ne) "?[\d$]/.test(words);
}

/** Does a command end the job with a failure? `exit 1`, `{ echo "no role"; exit 1; }` */
function endsJob(node: PipelineNode): boolean {
  if (node.type === 'BraceGroup' || node.type === 'Subshell') {
    return endsWithFailure(node.body.commands.map(({ command }) => command));
  }
  const code = node.type === 'Command' ? wordsOf(node).at(-1)?.value : undefined;
  return programOf(node) === 'false' || (programOf(node) === 'exit' && code !== '0');
}

/** Says something, and ends the job; "exit" alone would be the success of what was said. */
function endsWithFailure(commands: readonly (PipelineNode | AndOr)[]): boolean {
  const last = commands.at(-1);
  if (last?.type !== 'Command' || !endsJob(last)) return false;
  const isSaid = (one: PipelineNode | AndOr) =>
    one.type === 'Command' && /^(echo|printf)$/.test(programOf(one) ?? '');
  return commands.slice(0, -1).every(isSaid) && wordsOf(last).length > 0;
}

function wordsOf(command: Command): readonly Word[] {
  return command.args.filter((one): one is Word => one.type === 'Word');
}

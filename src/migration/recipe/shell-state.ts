import { bounded, isKnown, type KnownText, tokenOf, unknown } from './known-text.ts';
import type { StsCall } from './sts-call.ts';

/** The variables of a job before its script begins. */
export interface JobVariables {
  /** True for a variable that contains an ID token, including the legacy ones. */
  readonly isToken: (name: string) => boolean;
  /** The value in the pipeline's files; undefined if they set none. */
  readonly valueOf: (name: string) => string | undefined;
}

/** The state of a shell at one point of a job's script. */
export class ShellState {
  /** Contents by normalized path. */
  readonly files = new Map<KnownText, KnownText>();
  /** Paths of the files that the current command reads. */
  readonly read = new Set<KnownText>();
  readonly exported = new Set<string>();
  /** Every STS call so far. */
  readonly calls: StsCall[] = [];
  /** Every signal with a trap. */
  readonly trapped = new Set<string>();
  /** `set -a`: assigned variables are exported. */
  exportsAll = false;
  /** The first command that may have set any variable. */
  obscuredBy: string | undefined;
  readonly #variables = new Map<string, KnownText>();
  readonly #job: JobVariables;
  #temporaryFiles = 0;

  constructor(job: JobVariables) {
    this.#job = job;
  }

  nextTemporaryFile(): number {
    return ++this.#temporaryFiles;
  }

  assign(name: string, value: KnownText): void {
    this.#variables.set(name, bounded(value));
    if (this.exportsAll) this.exported.add(name);
  }

  /** The value that the script assigned; undefined if it assigned none. */
  assigned(name: string): KnownText | undefined {
    return this.#variables.get(name);
  }

  /** A text in which variables are replaced with their values, if the script or the files set them. */
  resolved(text: KnownText): KnownText {
    let resolved = text;
    for (let turn = 0; turn < 5; turn++) {
      const written = (_: string, name: string) => bounded(this.environment(name) ?? `$${name}`);
      resolved = bounded(resolved.replace(/\$\{?(\w+)\}?/g, written));
    }
    return resolved;
  }

  /** The same path for every way to write it: `~/x`, `${HOME}/x`, `./x`, or a variable that contains it. */
  path(text: KnownText): KnownText {
    return this.resolved(text)
      .replace(/^~(?=\/|$)/, '$HOME')
      .replace(/^(\$CI_PROJECT_DIR|\$PWD)\//, '')
      .replace(/^(\.\/)+/, '');
  }

  /** The content of a file, for a command that reads it. */
  contents(path: KnownText): KnownText | undefined {
    const key = this.path(path);
    if (this.files.has(key)) this.read.add(key);
    return this.files.get(key);
  }

  /** Records that any variable may have any value from here on. */
  obscure(command: string): void {
    this.obscuredBy ??= command;
  }

  /** The value that the script or the pipeline's files set. */
  environment(name: string): KnownText | undefined {
    return this.#variables.get(name) ?? this.#job.valueOf(name);
  }

  /** @param written the expansion in the script: `$NAME` or `${NAME}` */
  value(name: string, written: string): KnownText {
    const known = this.#variables.get(name);
    if (known !== undefined) return known;
    if (this.#job.isToken(name)) return tokenOf(name);
    const alias = /^\$\{?(\w+)\}?$/.exec(this.#job.valueOf(name) ?? '')?.[1];
    if (alias !== undefined && alias !== name && this.#job.isToken(alias)) return tokenOf(alias);
    if (ofShell.test(name) || (this.obscuredBy !== undefined && !/^(CI|GITLAB)_|^HOME$/.test(name)))
      return unknown;
    return written;
  }

  /** The variables that the script assigned, and whose value passes a test. */
  namesOf(test: (value: KnownText) => boolean): readonly string[] {
    return [...this.#variables].filter(([, value]) => test(value)).map(([name]) => name);
  }
}

/** Parameters that the shell sets: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_05 */
const ofShell =
  /^(\d+|[^A-Za-z_]|_|RANDOM|SECONDS|EPOCHSECONDS|HOSTNAME|UID|EUID|PPID|BASHPID|LINENO|BASH_.*)$/;

/** Does a text contain variables that only exist in the shell, so that no input can contain it? */
export function hasShellVariable(text: KnownText): boolean {
  return !isKnown(text) || /\$\{?(HOME|PWD|OLDPWD|USER|LOGNAME|SHELL|PATH|TMPDIR|TERM|LANG)\b/.test(text);
}

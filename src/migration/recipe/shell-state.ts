import { bounded, isKnown, type KnownText, tokenOf, unknown } from './known-text.ts';
import type { StsCall } from './sts-call.ts';

/** What a job's variables are before its script begins. */
export interface JobVariables {
  /** True for a variable that holds an ID token, be it one of before GitLab 17. */
  readonly isToken: (name: string) => boolean;
  /** A value as the pipeline's files have it; undefined where they have none. */
  readonly valueOf: (name: string) => string | undefined;
}

/** What a shell that runs a job's script knows at one point of it. */
export class ShellState {
  /** By their paths, each in one form. */
  readonly files = new Map<KnownText, KnownText>();
  /** Paths of those that the present command reads. */
  readonly read = new Set<KnownText>();
  readonly exported = new Set<string>();
  /** Every call that was read so far. */
  readonly calls: StsCall[] = [];
  /** Every signal that a trap is set for. */
  readonly trapped = new Set<string>();
  /** `set -a`: whatever is assigned is exported. */
  exportsAll = false;
  /** A command that may have set any variable. */
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

  /** A value that the script gave; undefined for variables that it does not set. */
  assigned(name: string): KnownText | undefined {
    return this.#variables.get(name);
  }

  /** A text with the values that the script or the files have for its variables, as far as they have any. */
  resolved(text: KnownText): KnownText {
    let resolved = text;
    for (let turn = 0; turn < 5; turn++) {
      const written = (_: string, name: string) => bounded(this.environment(name) ?? `$${name}`);
      resolved = bounded(resolved.replace(/\$\{?(\w+)\}?/g, written));
    }
    return resolved;
  }

  /** A path as every way to write it is: `~/x`, `${HOME}/x`, `./x`, a variable of the files that holds it. */
  path(text: KnownText): KnownText {
    return this.resolved(text)
      .replace(/^~(?=\/|$)/, '$HOME')
      .replace(/^(\$CI_PROJECT_DIR|\$PWD)\//, '')
      .replace(/^(\.\/)+/, '');
  }

  /** What a file holds, for a command that reads it. */
  contents(path: KnownText): KnownText | undefined {
    const key = this.path(path);
    if (this.files.has(key)) this.read.add(key);
    return this.files.get(key);
  }

  /** From here on any variable may have any value. */
  obscure(command: string): void {
    this.obscuredBy ??= command;
  }

  /** A variable's value where either the script or the pipeline's files have it. */
  environment(name: string): KnownText | undefined {
    return this.#variables.get(name) ?? this.#job.valueOf(name);
  }

  /** @param written as the script has it: `$NAME` or `${NAME}` */
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

  /** Variables whose value the script gave and whose value passes a test. */
  namesOf(test: (value: KnownText) => boolean): readonly string[] {
    return [...this.#variables].filter(([, value]) => test(value)).map(([name]) => name);
  }
}

/** Parameters of the shell itself: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_05 */
const ofShell =
  /^(\d+|[^A-Za-z_]|_|RANDOM|SECONDS|EPOCHSECONDS|HOSTNAME|UID|EUID|PPID|BASHPID|LINENO|BASH_.*)$/;

/** Variables that are there without any CI/CD variable: no input can hold them. */
export function hasShellVariable(text: KnownText): boolean {
  return !isKnown(text) || /\$\{?(HOME|PWD|OLDPWD|USER|LOGNAME|SHELL|PATH|TMPDIR|TERM|LANG)\b/.test(text);
}

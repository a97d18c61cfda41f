import { readFileSync } from 'node:fs';
import { appendPrivateFile, clearPrivateFile, editPrivateFile, writePrivateFile } from './private-file.ts';

/** Everything the program may touch outside itself: environment, output, files, clock. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Results that another program may read. */
  readonly out: (text: string) => void;
  /** What people read: the job log. */
  readonly log: (text: string) => void;
  /** True where the log understands ANSI colours. */
  readonly colour: boolean;
  /** The same for results: they may go to a file while the log goes to a terminal. */
  readonly outColour: boolean;
  /** True where the log understands GitLab's section marks. */
  readonly sections: boolean;
  readonly now: () => Date;
  readonly readText: (path: string) => Promise<string>;
  readonly clearPrivateFile: (path: string) => Promise<void>;
  readonly writePrivateFile: (path: string, text: string) => Promise<void>;
  readonly appendPrivateFile: (path: string, text: string) => Promise<void>;
  readonly editPrivateFile: (path: string, edit: (text: string) => string) => Promise<void>;
}

/** What the command line can do beside that. The payload has no use for it and does not load it. */
export interface CommandLineIo extends Io {
  /** Runs a command in this one's place and gives its exit code. */
  readonly runChild: (
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
  ) => Promise<number>;
  /** The files of a folder and below it, with `/` between the parts of their names; no more than `limit`. */
  readonly listFiles: (folder: string, limit: number) => Promise<readonly string[]>;
  /** Replaces all of these files, each whole or not at all. */
  readonly replaceFiles: (files: ReadonlyMap<string, string>) => Promise<void>;
}

/**
 * The real thing.
 *
 * @param logTo where the log goes: standard output in the component's job, standard error on the
 *   command line, whose standard output belongs to results
 */
export function processIo(logTo: NodeJS.WriteStream): Io {
  const env = process.env;
  const inJob = env.CI_JOB_ID !== undefined;
  return {
    env,
    out: (text) => process.stdout.write(text),
    log: (text) => logTo.write(text),
    // https://no-color.org: every value but the empty one
    colour: !env.NO_COLOR && (inJob || logTo.isTTY === true),
    outColour: !env.NO_COLOR && process.stdout.isTTY === true,
    sections: inJob,
    now: () => new Date(),
    readText: async (path) => readFileSync(path, 'utf8'),
    clearPrivateFile,
    writePrivateFile,
    appendPrivateFile,
    editPrivateFile,
  };
}

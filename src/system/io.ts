import { readFileSync } from 'node:fs';
import type { Environment } from '../environment-variables.ts';
import { AwsOidcError } from '../errors.ts';
import { appendPrivateFile, clearPrivateFile, writePrivateFile } from './private-file.ts';

/** Everything outside the process that the program uses: environment, output, files, clock. */
export interface Io {
  readonly env: Environment;
  /** Writes results that another program may read; rejects with `HAND_OFF_FAILED` if they cannot be written. */
  readonly out: (text: string) => Promise<void>;
  /** Writes text for people: the job log. */
  readonly log: (text: string) => void;
  /** True if the log can show ANSI colors. */
  readonly colour: boolean;
  /** The same for results, which may go to a file while the log goes to a terminal. */
  readonly outColour: boolean;
  /** True if the log can show GitLab's collapsible sections. */
  readonly sections: boolean;
  readonly now: () => Date;
  /** Reads a file; `-` is standard input. */
  readonly readText: (path: string) => Promise<string>;
  readonly clearPrivateFile: (path: string) => Promise<void>;
  readonly writePrivateFile: (path: string, text: string) => Promise<void>;
  readonly appendPrivateFile: (path: string, text: string) => Promise<void>;
  /** On the command line only: no component writes to a file that other programs write to. */
  readonly editPrivateFile?: (path: string, edit: (text: string) => string) => Promise<void>;
}

/** What only the command line uses. The programs in the templates do not load it. */
export interface CommandLineIo extends Io {
  /** Runs a command and returns its exit code. */
  readonly runChild: (
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
  ) => Promise<number>;
  /** Reads a file of any size in pieces; `-` is standard input. */
  readonly readStream: (path: string) => AsyncIterable<Uint8Array>;
  /** The path from a folder to the root of its repository, for example `../`; undefined outside a repository. */
  readonly repositoryAbove: (folder: string) => Promise<string | undefined>;
  /** The remotes of a folder's repository, names and URLs; undefined outside a repository. */
  readonly remotesOf: (folder: string) => Promise<ReadonlyMap<string, string> | undefined>;
  /** The files of a repository with uncommitted changes, relative to its root. */
  readonly uncommittedFiles: (root: string) => Promise<ReadonlySet<string>>;
  /** The files in a folder and its subfolders, with `/` as the separator; at most `limit`. */
  readonly listFiles: (folder: string, limit: number) => Promise<readonly string[]>;
  /** Whether a path in a folder leads outside it through a symbolic link. */
  readonly isLinkOutOf: (folder: string, path: string) => Promise<boolean>;
  /** Replaces all these files, each of them atomically. */
  readonly replaceFiles: (files: ReadonlyMap<string, string>) => Promise<void>;
  /** Creates a file; rejects with `EEXIST` if it exists. */
  readonly createFile: (path: string, text: string) => Promise<void>;
  /** Asks on the terminal and returns the answer; undefined if nobody can answer. */
  readonly ask: (question: string) => Promise<string | undefined>;
}

/**
 * The Io of this process.
 *
 * @param logTo where the log goes: standard output in the component's job; standard error on the
 *   command line, where standard output is for results
 */
export function processIo(logTo: NodeJS.WriteStream): Io {
  const env = process.env;
  // a log that cannot be written does not stop the program; for results, the promise of `out` rejects
  for (const stream of new Set([process.stdout, logTo])) {
    if (!stream.listeners('error').includes(ignore)) stream.on('error', ignore);
  }
  const inJob = env.CI_JOB_ID !== undefined;
  return {
    env,
    out: (text) => writeWhole(process.stdout, text),
    log: (text) => logTo.write(text),
    // https://no-color.org: any value that is not empty
    colour: !env.NO_COLOR && (inJob || logTo.isTTY === true),
    outColour: !env.NO_COLOR && process.stdout.isTTY === true,
    sections: inJob,
    now: () => new Date(),
    readText: async (path) => readFileSync(path === '-' ? standardInput : path, 'utf8'),
    clearPrivateFile,
    writePrivateFile,
    appendPrivateFile,
  };
}

/** The file descriptor, because not every system has /dev/stdin. */
const standardInput = 0;

function ignore(): void {}

function writeWhole(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (cause: NodeJS.ErrnoException | null | undefined) => {
      if (!cause) return resolve();
      const message = `The output could not be written (${cause.code})`;
      reject(
        new AwsOidcError('HAND_OFF_FAILED', message, {
          cause,
          hint: 'The reader closed it, or the disk is full.',
        }),
      );
    });
  });
}

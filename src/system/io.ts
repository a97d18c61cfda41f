import { readFileSync } from 'node:fs';
import type { Environment } from '../environment.ts';
import { AwsOidcError } from '../errors.ts';
import { appendPrivateFile, clearPrivateFile, writePrivateFile } from './private-file.ts';

/** Everything the program may touch outside itself: environment, output, files, clock. */
export interface Io {
  readonly env: Environment;
  /** Results that another program may read; rejected with `HAND_OFF_FAILED` where they do not get there. */
  readonly out: (text: string) => Promise<void>;
  /** What people read: the job log. */
  readonly log: (text: string) => void;
  /** True where the log understands ANSI colours. */
  readonly colour: boolean;
  /** The same for results: they may go to a file while the log goes to a terminal. */
  readonly outColour: boolean;
  /** True where the log understands GitLab's section marks. */
  readonly sections: boolean;
  readonly now: () => Date;
  /** The text of a file; `-` is standard input. */
  readonly readText: (path: string) => Promise<string>;
  readonly clearPrivateFile: (path: string) => Promise<void>;
  readonly writePrivateFile: (path: string, text: string) => Promise<void>;
  readonly appendPrivateFile: (path: string, text: string) => Promise<void>;
  /** On the command line alone: no component writes into a file that others write to. */
  readonly editPrivateFile?: (path: string, edit: (text: string) => string) => Promise<void>;
}

/** What the command line can do beside that. The payload has no use for it and does not load it. */
export interface CommandLineIo extends Io {
  /** Runs a command in this one's place and gives its exit code. */
  readonly runChild: (
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
  ) => Promise<number>;
  /** The way from a folder to the root of its repository, `../` for example; undefined where it is in none. */
  readonly repositoryAbove: (folder: string) => Promise<string | undefined>;
  /** The files of a repository with changes that are not committed, from its root. */
  readonly uncommittedFiles: (root: string) => Promise<ReadonlySet<string>>;
  /** The files of a folder and below it, with `/` between the parts of their names; no more than `limit`. */
  readonly listFiles: (folder: string, limit: number) => Promise<readonly string[]>;
  /** Whether a symbolic link leads from a path to a place outside of the folder. */
  readonly isLinkOutOf: (folder: string, path: string) => Promise<boolean>;
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
  // a log that cannot be written changes nothing of what is done; results say so by their own promise
  for (const stream of new Set([process.stdout, logTo])) {
    if (!stream.listeners('error').includes(ignore)) stream.on('error', ignore);
  }
  const inJob = env.CI_JOB_ID !== undefined;
  return {
    env,
    out: (text) => writeWhole(process.stdout, text),
    log: (text) => logTo.write(text),
    // https://no-color.org: every value but the empty one
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

/** Its number, which every system has. */
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

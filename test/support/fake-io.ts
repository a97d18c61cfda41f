import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChild } from '../../src/system/child-process.ts';
import { editPrivateFile } from '../../src/system/edit-private-file.ts';
import { remotesOf, repositoryAbove, uncommittedFiles } from '../../src/system/git.ts';
import { type CommandLineIo, processIo } from '../../src/system/io.ts';
import { isLinkOutOf, listFiles } from '../../src/system/list-files.ts';
import { readStream } from '../../src/system/read-stream.ts';
import { createFile, replaceFiles } from '../../src/system/replace-files.ts';

/** An Io with the test's environment and log, and with real files in a new directory. */
export interface FakeIo extends CommandLineIo {
  readonly directory: string;
  /** Everything printed so far, results and log. */
  text(): string;
  /** Only the results. */
  results(): string;
  /** Names of the files in the directory. */
  files(): readonly string[];
}

export function fakeIo(env: Readonly<Record<string, string | undefined>>): FakeIo {
  const directory = mkdtempSync(join(tmpdir(), 'aws-oidc-test-'));
  let text = '';
  let results = '';
  return {
    ...processIo(process.stdout),
    env: {
      AWS_OIDC_DOTENV: join(directory, 'aws-oidc.env'),
      AWS_OIDC_ANNOTATIONS: join(directory, 'annotations.json'),
      ...env,
    },
    runChild,
    listFiles: (folder, limit) => listFiles(folder, limit, process.env),
    isLinkOutOf,
    readStream,
    replaceFiles,
    createFile,
    ask: async () => undefined,
    editPrivateFile,
    repositoryAbove,
    remotesOf: (folder) => remotesOf(folder, process.env),
    uncommittedFiles: (folder) => uncommittedFiles(folder, process.env),
    out: async (more) => {
      text += more;
      results += more;
    },
    log: (more) => {
      text += more;
    },
    colour: false,
    outColour: false,
    sections: false,
    directory,
    text: () => text,
    results: () => results,
    files: () => readdirSync(directory).sort(),
  };
}

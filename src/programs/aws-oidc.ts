import { run } from '../command-line/run.ts';
import { reportFailure } from '../output/failure.ts';
import { redactingLog } from '../output/redacting-log.ts';
import { ask } from '../system/ask.ts';
import { runChild } from '../system/child-process.ts';
import { editPrivateFile } from '../system/edit-private-file.ts';
import { endOnSignal } from '../system/end-on-signal.ts';
import { remotesOf, repositoryAbove, uncommittedFiles } from '../system/git.ts';
import { processIo } from '../system/io.ts';
import { isLinkOutOf, listFiles } from '../system/list-files.ts';
import { readStream } from '../system/read-stream.ts';
import { createFile, replaceFiles } from '../system/replace-files.ts';

// exec passes signals on to its command; whatever else writes no keys may end anywhere
if (process.argv[2] === 'assume-role') endOnSignal();
const own = processIo(process.stderr);
// a report that is cut off, by "| head" for example, has done its work; credentials must arrive
const out =
  process.argv[2] === 'assume-role' ? own.out : (text: string) => own.out(text).catch(passEndOfPipe);
const files = {
  readStream,
  isLinkOutOf,
  replaceFiles,
  createFile,
  editPrivateFile,
  repositoryAbove,
};
const git = {
  listFiles: (folder: string, limit: number) => listFiles(folder, limit, own.env),
  remotesOf: (folder: string) => remotesOf(folder, own.env),
  uncommittedFiles: (root: string) => uncommittedFiles(root, own.env),
};
const io = { ...own, out, runChild, ask, ...files, ...git };

// Node's own report prints an error with all its fields, a response among them
process.on('uncaughtException', (error) => {
  process.exit(reportFailure(redactingLog(io), error));
});

const exitCode = await run(process.argv.slice(2), io);
// a line of a report that could not be written ends the program in the handler above
await new Promise(setImmediate);
// a connection that somebody else keeps open does not keep the program
process.exit(exitCode);

function passEndOfPipe(error: Error): void {
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
  if (code !== 'EPIPE') throw error;
}

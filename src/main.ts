import { runChild } from './child-process.ts';
import { run } from './cli.ts';
import { reportFailure } from './commands/report-failure.ts';
import { secretiveLog } from './commands/session-input.ts';
import { editPrivateFile } from './edit-private-file.ts';
import { endOnSignal } from './end-on-signal.ts';
import { processIo } from './io.ts';
import { isLinkOutOf, listFiles } from './list-files.ts';
import { replaceFiles } from './replace-files.ts';

// exec passes signals on to its command; whatever else writes no keys may end anywhere
if (process.argv[2] === 'assume-role') endOnSignal();
const io = { ...processIo(process.stderr), runChild, listFiles, isLinkOutOf, replaceFiles, editPrivateFile };

// Node's own report prints an error with all its fields, a response among them
process.on('uncaughtException', (error) => {
  // a report that is cut off, by "| head" for example, has done its work; credentials are waited for
  if (isEndOfPipe(error)) process.exit(0);
  process.exit(reportFailure(secretiveLog(io, {}), error));
});

// results are written by now; a connection that somebody else keeps open does not keep the program
process.exit(await run(process.argv.slice(2), io));

function isEndOfPipe({ cause }: Error): boolean {
  return (cause as NodeJS.ErrnoException | undefined)?.code === 'EPIPE';
}

import { sameJobCommand } from '../commands/session/same-job.ts';
import { serveJob } from '../commands/session/serve-job.ts';
import { reportFailure } from '../output/failure.ts';
import { redactingLog } from '../output/redacting-log.ts';
import { answerStarter, readStarter, startDetached } from '../system/detached-program.ts';
import { endOnSignal } from '../system/end-on-signal.ts';
import { processIo } from '../system/io.ts';
import { isRunning, watchedProcess } from '../system/watched-process.ts';

const serving = process.argv[2] === 'serve';

endOnSignal();
const io = processIo(process.stdout);

// Node's own report prints an error with all its fields, a response among them
process.on('uncaughtException', (error) => {
  process.exit(serving ? 1 : reportFailure(redactingLog(io), error));
});

if (serving) {
  await serveJob({ ...io, log: () => {}, readStarter, answerStarter, isRunning });
  process.exit(0);
}
const startServer = (message: string) => startDetached(['serve'], message);
// a connection that somebody else keeps open does not keep the job
process.exit(await sameJobCommand({ ...io, startServer, watched: watchedProcess, parent: process.ppid }));

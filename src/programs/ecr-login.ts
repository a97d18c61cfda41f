import { ecrLoginCommand } from '../commands/registry/ecr-login.ts';
import { reportFailure } from '../output/failure.ts';
import { redactingLog } from '../output/redacting-log.ts';
import { endOnSignal } from '../system/end-on-signal.ts';
import { processIo } from '../system/io.ts';

endOnSignal();
const io = processIo(process.stdout);

// Node's own report prints an error with all its fields, a response among them
process.on('uncaughtException', (error) => {
  process.exit(reportFailure(redactingLog(io), error));
});

// a connection that somebody else keeps open does not keep the job
process.exit(await ecrLoginCommand(io));

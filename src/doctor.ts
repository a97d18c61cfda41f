import { doctorCommand } from './commands/doctor.ts';
import { reportFailure } from './commands/report-failure.ts';
import { secretiveLog } from './commands/session-input.ts';
import { processIo } from './io.ts';

const io = processIo(process.stdout);

// Node's own report prints an error with all its fields, a response among them
process.on('uncaughtException', (error) => {
  process.exit(reportFailure(secretiveLog(io, {}), error));
});

// in a job results and log are one; a connection that somebody else keeps open does not keep the job
process.exit(await doctorCommand({ ...io, outColour: io.colour }, { inputs: {}, format: 'text' }));

import { doctorCommand } from '../commands/doctor/doctor.ts';
import { reportFailure } from '../output/failure.ts';
import { redactingLog } from '../output/redacting-log.ts';
import { processIo } from '../system/io.ts';

const io = processIo(process.stdout);

// Node's own report prints an error with all its fields, a response among them
process.on('uncaughtException', (error) => {
  process.exit(reportFailure(redactingLog(io), error));
});

// in a job results and log are one; a connection that somebody else keeps open does not keep the job
process.exit(await doctorCommand({ ...io, outColour: io.colour }, { inputs: {}, format: 'text' }));

import { assumeRoleCommand } from './commands/assume-role.ts';
import { assumeRolesCommand } from './commands/assume-roles.ts';
import { reportFailure } from './commands/report-failure.ts';
import { secretiveLog } from './commands/session-input.ts';
import { endOnSignal } from './end-on-signal.ts';
import { processIo } from './io.ts';

endOnSignal();
const io = processIo(process.stdout);

// Node's own report prints an error with all its fields, a response among them
process.on('uncaughtException', (error) => {
  process.exit(reportFailure(secretiveLog(io, {}), error));
});

const severalRoles = !['', '[]'].includes((io.env.AWS_OIDC_ROLE_ARNS ?? '').trim());
// a connection that somebody else keeps open does not keep the job
process.exit(severalRoles ? await assumeRolesCommand(io) : await assumeRoleCommand(io));

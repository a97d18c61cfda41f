import { Command, CommanderError } from 'commander';
import { exitCodes } from '../errors.ts';
import { printable } from '../output/printable.ts';
import { secretsOf } from '../output/redacting-log.ts';
import type { CommandLineIo } from '../system/io.ts';
import { redacted } from '../text/redacted.ts';
import { addMigrateCommand } from './migrate-command.ts';
import { addSessionCommands } from './session-commands.ts';
import { addTrustPolicyCommands } from './trust-policy-commands.ts';
import { version } from './version.ts';

/**
 * The command line.
 *
 * @param argv the arguments, without node and the script
 * @returns the exit code
 */
export async function run(argv: readonly string[], io: CommandLineIo): Promise<number> {
  let exitCode: number = exitCodes.done;
  const finish = (code: number) => {
    exitCode = code;
  };
  const program = new Command('aws-oidc')
    .description('Temporary AWS credentials from an OpenID Connect token of a CI/CD job.')
    .version(version)
    .showHelpAfterError('Run with --help to see what it takes.')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: io.out,
      // its errors repeat what was given
      writeErr: (text) => io.log(safe(redacted(text, secretsOf(io.env)))),
      getOutHasColors: () => false,
    });
  addSessionCommands(program, io, finish);
  addTrustPolicyCommands(program, io, finish);
  addMigrateCommand(program, io, finish);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitCodes.done : exitCodes.input;
  }
}

const maxLineLength = 2048;

/** Line by line: what was given may forge none. */
function safe(text: string): string {
  return text
    .split('\n')
    .map((line) => printable(line, maxLineLength))
    .join('\n');
}

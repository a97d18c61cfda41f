import { Argument, Command, CommanderError } from 'commander';
import { exitCodes } from '../errors.ts';
import { printable } from '../output/printable.ts';
import { secretsOf } from '../output/redacting-log.ts';
import type { CommandLineIo } from '../system/io.ts';
import { redacted } from '../text/redacted.ts';
import { addAuditCommand } from './audit-command.ts';
import { completionScript, type Shell, shells } from './completion.ts';
import { addMigrateCommand } from './migrate-command.ts';
import { addEcrLogin } from './registry-command.ts';
import { addServiceTokenCommands } from './service-token-commands.ts';
import { addSessionCommands, type Finish } from './session-commands.ts';
import { addSetupCommand } from './setup-command.ts';
import { addTrustPolicyCommands } from './trust-policy-commands.ts';
import { version } from './version.ts';

/**
 * Runs the command line.
 *
 * @param argv the arguments, without node and the script
 * @returns the exit code
 */
export async function run(argv: readonly string[], io: CommandLineIo): Promise<number> {
  let exitCode: number = exitCodes.done;
  const program = createProgram(io, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitCodes.done : exitCodes.input;
  }
}

/** All commands with their flags. */
export function createProgram(io: CommandLineIo, finish: Finish): Command {
  const program = new Command('aws-oidc')
    .description('Get temporary AWS credentials in CI/CD jobs from their OpenID Connect ID tokens.')
    .version(version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .showHelpAfterError('Run the command with --help to see its options.')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: io.out,
      // commander's errors repeat the arguments
      writeErr: (text) => io.log(safe(redacted(text, secretsOf(io.env)))),
      getOutHasColors: () => false,
    });
  addSetupCommand(program, io, finish);
  addSessionCommands(program, io, finish);
  addEcrLogin(program, io, finish);
  addServiceTokenCommands(program, io, finish);
  addTrustPolicyCommands(program, io, finish);
  addAuditCommand(program, io, finish);
  addMigrateCommand(program, io, finish);
  addCompletion(program, io);
  addHelp(program);
  return program;
}

function addCompletion(program: Command, io: CommandLineIo): void {
  program
    .command('completion')
    .description('Print a script that completes commands and flags in your shell.')
    .addArgument(new Argument('<shell>', 'your shell').choices(shells))
    .helpOption('-h, --help', 'show help')
    .addHelpText('after', completionHelp)
    .action(async (shell: Shell) => await io.out(completionScript(program, shell)));
}

const completionHelp = `
Examples:
  source <(aws-oidc completion bash)            # in ~/.bashrc
  source <(aws-oidc completion zsh)             # in ~/.zshrc, after compinit
  aws-oidc completion fish | source             # in ~/.config/fish/config.fish
`;

/** Replaces commander's help command, which shows the general help if a topic does not exist. */
function addHelp(program: Command): void {
  program
    .command('help')
    .description('Show help for a command.')
    .argument('[command...]', 'the command, for example trust-policy lint')
    .action((names: readonly string[]) => {
      let topic = program;
      for (const name of names) {
        const found = topic.commands.find((command) => command.name() === name);
        if (found === undefined) return program.error(`error: no command '${names.join(' ')}'`);
        topic = found;
      }
      topic.help();
    });
}

const maxLineLength = 2048;

/** Makes each line safe to print, so that no argument can control the terminal. */
function safe(text: string): string {
  return text
    .split('\n')
    .map((line) => printable(line, maxLineLength))
    .join('\n');
}

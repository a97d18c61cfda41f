import type { Command } from 'commander';
import { doctorCommand } from '../commands/doctor/doctor.ts';
import { inspectCommand } from '../commands/inspect.ts';
import { assumeRoleCommand } from '../commands/session/assume-role.ts';
import { execCommand } from '../commands/session/exec.ts';
import type { CommandLineIo } from '../system/io.ts';
import {
  addSessionFlags,
  addTokenFlags,
  choice,
  type Flags,
  sessionFlags,
  sessionHelp,
  text,
  tokenFlags,
  tokenHelp,
} from './flags.ts';

/** What a command reports its exit code to. */
export type Finish = (exitCode: number) => void;

/** Commands that exchange a token, or look at one. */
export function addSessionCommands(program: Command, io: CommandLineIo, finish: Finish): void {
  addAssumeRole(program, io, finish);
  addExec(program, io, finish);
  addInspect(program, io, finish);
  addDoctor(program, io, finish);
}

function addAssumeRole(program: Command, io: CommandLineIo, finish: Finish): void {
  const command = program
    .command('assume-role')
    .description('Exchange the ID token for credentials and hand them on.')
    .option('--output-format <format>', `${Object.keys(formatHelp).join(', ')} (default: dotenv)`)
    .option('--output <file>', 'where to write; "-" is standard output (default: see below)')
    .option('--append', 'add to the file instead of replacing it')
    .option(
      '--profile <name>',
      'the profile that the form profile writes (default: AWS_PROFILE, else default)',
    );
  addSessionFlags(command).addHelpText('after', assumeRoleHelp);
  command.action(async (flags: Flags) => {
    const destination = {
      outputFormat: text(flags.outputFormat),
      output: text(flags.output),
      append: flags.append === true ? true : undefined,
      profile: text(flags.profile),
    };
    finish(await assumeRoleCommand(io, { ...sessionFlags(flags, io.env), ...destination }));
  });
}

function addExec(program: Command, io: CommandLineIo, finish: Finish): void {
  const command = program
    .command('exec')
    .description(
      'Exchange the ID token and run a command with the credentials in its environment, nowhere else.',
    )
    .argument('<command...>', 'the command and its arguments, after --')
    .passThroughOptions();
  addSessionFlags(command).addHelpText('after', execHelp);
  command.action(async (words: readonly string[], flags: Flags) =>
    finish(await execCommand(io, sessionFlags(flags, io.env), words)),
  );
}

function addInspect(program: Command, io: CommandLineIo, finish: Finish): void {
  const command = program
    .command('inspect')
    .description('Show what the ID token says, and the conditions of a trust policy that it meets.')
    .addOption(choice('--format <format>', 'text for people, json for programs', ['text', 'json'], 'text'));
  addTokenFlags(command).addHelpText(
    'after',
    `${tokenHelp}\n\nThe signature is never shown, nor claims about a person.\n`,
  );
  command.action(async (flags: Flags) =>
    finish(await inspectCommand(io, { ...tokenFlags(flags), format: flags.format as 'text' | 'json' })),
  );
}

function addDoctor(program: Command, io: CommandLineIo, finish: Finish): void {
  const command = program
    .command('doctor')
    .description(
      'Check all that an exchange needs, the issuer and its certificates too, and the exchange itself.',
    )
    .addOption(choice('--format <format>', 'text for people, json for programs', ['text', 'json'], 'text'));
  addSessionFlags(command).addHelpText('after', doctorHelp);
  command.action(async (flags: Flags) =>
    finish(
      await doctorCommand(io, { ...sessionFlags(flags, io.env), format: flags.format as 'text' | 'json' }),
    ),
  );
}

const formatHelp = {
  dotenv: "GitLab's report, to the file AWS_OIDC_DOTENV or aws-oidc.env",
  env: 'export NAME=value, for sh and bash',
  'env-no-export': 'NAME=value',
  process: 'JSON, for credential_process in a profile',
  powershell: 'PowerShell',
  'windows-cmd': 'cmd.exe',
  fish: 'fish',
  profile: 'a profile in AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials, or in --output; all else stays',
  'bash-env': 'export lines with region and account as well, added to the file BASH_ENV where that is set',
};

const assumeRoleHelp = `
Formats (all but dotenv, bash-env and profile go to standard output unless --output names a file):
${Object.entries(formatHelp)
  .map(([name, help]) => `  ${name.padEnd(15)}${help}`)
  .join('\n')}
${sessionHelp}
Exit codes: 0 done; 1 refused or failed for good; 2 wrong input; 75 a passing fault outlasted the deadline.

Examples:
  aws-oidc assume-role --role-arn arn:aws:iam::111111111111:role/deploy --region eu-central-1
  eval "$(aws-oidc assume-role --role-arn arn:aws:iam::111111111111:role/deploy --output-format env)"
`;

const execHelp = `${sessionHelp}
The exit code is the command's own; without credentials it is that of assume-role. Static keys, profiles and the
token are taken out of the command's environment.

Example:
  aws-oidc exec --role-arn arn:aws:iam::111111111111:role/deploy -- terraform apply
`;

const doctorHelp = `${sessionHelp}
The exchange is made, and its credentials are thrown away. STS sees the issuer from the internet, this machine from
where it is: a check that passes here may fail there.

Exit codes: 0 nothing failed; 1 a check failed; 2 wrong usage.
`;

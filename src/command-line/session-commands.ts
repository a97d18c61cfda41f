import { type Command, Option } from 'commander';
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
} from './shared-flags.ts';

/** Called with the exit code of a command. */
export type Finish = (exitCode: number) => void;

/** Adds the commands that exchange or inspect a token. */
export function addSessionCommands(program: Command, io: CommandLineIo, finish: Finish): void {
  addAssumeRole(program, io, finish);
  addExec(program, io, finish);
  addInspect(program, io, finish);
  addDoctor(program, io, finish);
}

function addAssumeRole(program: Command, io: CommandLineIo, finish: Finish): void {
  const command = program
    .command('assume-role')
    .description(
      'Exchange the ID token for temporary credentials and write them to a file or standard output.',
    )
    .addOption(
      new Option(
        '--output-format <format>',
        'format of the credentials: see below (default: dotenv)',
      ).choices(Object.keys(formatHelp)),
    )
    .option('--output <file>', 'file to write, or "-" for standard output (default: see below)')
    .option('--append', 'add to the file instead of replacing it')
    .option(
      '--profile <name>',
      'profile name for --output-format profile (default: AWS_PROFILE, or "default")',
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
    .description('Exchange the ID token and run a command with the credentials in its environment.')
    .argument('<command...>', 'command and its arguments, after --')
    .option('--keep-alive', 'serve the credentials on 127.0.0.1 and renew them while the command runs')
    .passThroughOptions();
  addSessionFlags(command).addHelpText('after', execHelp);
  command.action(async (words: readonly string[], flags: Flags) => {
    const keepAlive = flags.keepAlive === true;
    finish(await execCommand(io, { ...sessionFlags(flags, io.env), keepAlive }, words));
  });
}

function addInspect(program: Command, io: CommandLineIo, finish: Finish): void {
  const command = program
    .command('inspect')
    .description('Show the claims of the ID token, and trust policy conditions that match it.')
    .addOption(choice('--format <format>', 'output format', ['text', 'json'], 'text'));
  addTokenFlags(command).addHelpText(
    'after',
    `${tokenHelp}\n\nThe signature, and personal claims such as the user name and email address, are never shown.\n`,
  );
  command.action(async (flags: Flags) =>
    finish(await inspectCommand(io, { ...tokenFlags(flags), format: flags.format as 'text' | 'json' })),
  );
}

function addDoctor(program: Command, io: CommandLineIo, finish: Finish): void {
  const command = program
    .command('doctor')
    .description('Check the prerequisites of an exchange (token, issuer, certificates, STS), then try it.')
    .addOption(choice('--format <format>', 'output format', ['text', 'json'], 'text'));
  addSessionFlags(command).addHelpText('after', doctorHelp);
  command.action(async (flags: Flags) =>
    finish(
      await doctorCommand(io, { ...sessionFlags(flags, io.env), format: flags.format as 'text' | 'json' }),
    ),
  );
}

const formatHelp = {
  dotenv: 'dotenv report for GitLab, in the file that AWS_OIDC_DOTENV names, or aws-oidc.env',
  env: 'export NAME=value, for sh and bash',
  'env-no-export': 'NAME=value',
  process: 'JSON for credential_process in an AWS profile',
  powershell: 'PowerShell',
  'windows-cmd': 'cmd.exe',
  fish: 'fish',
  profile: 'a profile in the file AWS_SHARED_CREDENTIALS_FILE names, or ~/.aws/credentials',
  'bash-env': 'like env, with region and account; added to the file that BASH_ENV names, if set',
};

const assumeRoleHelp = `
Formats (written to standard output unless --output or the description says otherwise):
${Object.entries(formatHelp)
  .map(([name, help]) => `  ${name.padEnd(15)}${help}`)
  .join('\n')}
${sessionHelp}
Exit codes: 0 success; 1 refused, or failed permanently; 2 invalid input; 75 temporary failure after
all retries.

Examples:
  aws-oidc assume-role --role-arn arn:aws:iam::111111111111:role/deploy --region eu-central-1
  export AWS_OIDC_ROLE_ARN=arn:aws:iam::111111111111:role/deploy
  eval "$(aws-oidc assume-role --output-format env)"
`;

const execHelp = `${sessionHelp}
The exit code is the command's. If no credentials are obtained, the exit codes of assume-role apply.
Static keys, profiles and the token are removed from the command's environment.
With --keep-alive, it gets no keys but an endpoint (AWS_CONTAINER_CREDENTIALS_FULL_URI), where AWS
SDKs get the current session. It is renewed until the ID token expires, so a short --duration is
enough. --keep-alive excludes --env-prefix.

Example:
  aws-oidc exec --role-arn arn:aws:iam::111111111111:role/deploy -- terraform apply
`;

const doctorHelp = `${sessionHelp}
The credentials of the exchange are discarded; --env-prefix is checked but not used. STS reaches the
issuer over the internet, and this machine may take another route: a check that passes here can
still fail for STS.

Exit codes: 0 no check failed; 1 a check failed; 2 invalid input.
`;

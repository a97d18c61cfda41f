import { Command, CommanderError } from 'commander';
import { assumeRoleCommand } from './commands/assume-role.ts';
import type { DestinationFlags } from './commands/destination.ts';
import { execCommand } from './commands/exec.ts';
import type { SessionFlags } from './commands/obtain-session.ts';
import { exitCodes } from './errors.ts';
import { type InputName, type Inputs, inputNames } from './exchange/options.ts';
import type { CommandLineIo } from './io.ts';
import { version } from './version.ts';

/** Inputs whose flag may be given several times. */
const listInputs: readonly InputName[] = ['policy_arns', 'allowed_account_ids', 'role_chain'];

const inputHelp: Record<InputName, string> = {
  role_arn: 'the role to assume',
  audience: 'the audience that the token was declared with; a notice tells when it is another',
  duration: 'seconds that the session lasts, 900 to 43200 (default: 3600)',
  region: "the region whose STS is asked (default: AWS_REGION, AWS_DEFAULT_REGION, the partition's own)",
  session_name: 'role session name; cleaned to what STS takes',
  policy: 'session policy, JSON of at most 2048 characters',
  policy_arns: 'managed session policy; may be repeated',
  allowed_account_ids: 'account that roles may be in; may be repeated',
  role_chain: 'role to assume with the session of the role before; may be repeated',
  external_id: 'external id for the chained roles',
  env_prefix: 'put before the name of each variable',
};

/** Flags as commander gives them: names in camel case. */
type Flags = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

/**
 * The command line.
 *
 * @param argv the arguments, without node and the script
 * @returns the exit code
 */
export async function run(argv: readonly string[], io: CommandLineIo): Promise<number> {
  let exitCode: number = exitCodes.done;
  const program = new Command('aws-oidc')
    .description('Temporary AWS credentials from an OpenID Connect token of a CI/CD job.')
    .version(version)
    .showHelpAfterError('Run with --help to see what it takes.')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.log, getOutHasColors: () => false });
  addAssumeRole(program, async (flags) => {
    exitCode = await assumeRoleCommand(io, flags);
  });
  addExec(program, async (flags, command) => {
    exitCode = await execCommand(io, flags, command);
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitCodes.done : exitCodes.input;
  }
}

function addAssumeRole(
  program: Command,
  action: (flags: SessionFlags & DestinationFlags) => Promise<void>,
): void {
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
  addSessionFlags(command);
  command.addHelpText('after', assumeRoleHelp);
  command.action((flags: Flags) =>
    action({
      ...sessionFlags(flags),
      outputFormat: text(flags.outputFormat),
      output: text(flags.output),
      append: flags.append === true ? true : undefined,
      profile: text(flags.profile),
    }),
  );
}

function addExec(
  program: Command,
  action: (flags: SessionFlags, command: readonly string[]) => Promise<void>,
): void {
  const command = program
    .command('exec')
    .description(
      'Exchange the ID token and run a command with the credentials in its environment, nowhere else.',
    )
    .argument('<command...>', 'the command and its arguments, after --')
    .passThroughOptions();
  addSessionFlags(command);
  command.addHelpText('after', execHelp);
  command.action((words: readonly string[], flags: Flags) => action(sessionFlags(flags), words));
}

function addSessionFlags(command: Command): void {
  for (const name of inputNames) {
    const flag = `--${name.replaceAll('_', '-')} <value>`;
    if (listInputs.includes(name)) command.option(flag, inputHelp[name], collect);
    else command.option(flag, inputHelp[name]);
  }
  command.option('--token-env <name>', 'the variable with the token (default: see below)');
  command.option('--token-file <file>', 'a file with the token');
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

const commonHelp = `
The token is taken from --token-file, --token-env, or the first of GITLAB_OIDC_TOKEN, CIRCLE_OIDC_TOKEN_V2 and
CIRCLE_OIDC_TOKEN that is set. Each input can also be set in the environment: AWS_OIDC_ROLE_ARN,
AWS_OIDC_POLICY_ARNS (lists as JSON), and so on.
`;

const assumeRoleHelp = `
Formats (all but dotenv, bash-env and profile go to standard output unless --output names a file):
${Object.entries(formatHelp)
  .map(([name, help]) => `  ${name.padEnd(15)}${help}`)
  .join('\n')}
${commonHelp}
Exit codes: 0 done; 1 refused or failed for good; 2 wrong input; 75 a passing fault outlasted the deadline.

Examples:
  aws-oidc assume-role --role-arn arn:aws:iam::111111111111:role/deploy --region eu-central-1
  eval "$(aws-oidc assume-role --role-arn arn:aws:iam::111111111111:role/deploy --output-format env)"
`;

const execHelp = `${commonHelp}
The exit code is the command's own; without credentials it is that of assume-role. Static keys, profiles and the
token are taken out of the command's environment.

Example:
  aws-oidc exec --role-arn arn:aws:iam::111111111111:role/deploy -- terraform apply
`;

const collect = (value: string, previous: string[] = []) => [...previous, value];

const text = (value: Flags[string]) => (typeof value === 'string' ? value : undefined);

function sessionFlags(flags: Flags): SessionFlags {
  return { inputs: inputsOf(flags), tokenEnv: text(flags.tokenEnv), tokenFile: text(flags.tokenFile) };
}

/** Flags to inputs; lists become JSON, the form they have in the environment. */
function inputsOf(flags: Flags): Inputs {
  const found = inputNames.flatMap((name) => {
    const value = flags[name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())];
    if (value === undefined) return [];
    return [[name, typeof value === 'string' ? value : JSON.stringify(value)] as const];
  });
  return Object.fromEntries(found);
}

import { Command, CommanderError } from 'commander';
import { assumeRoleCommand } from './commands/assume-role.ts';
import { type ExitCode, exitCodes } from './errors.ts';
import { type InputName, type Inputs, inputNames } from './exchange/options.ts';
import type { Io } from './io.ts';
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

/**
 * The command line.
 *
 * @param argv the arguments, without node and the script
 * @returns the exit code
 */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done;
  const program = new Command('aws-oidc')
    .description('Temporary AWS credentials from an OpenID Connect token of GitLab CI/CD.')
    .version(version)
    .showHelpAfterError('Run with --help to see what it takes.')
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.log, getOutHasColors: () => false });
  addAssumeRole(program, async (inputs, output) => {
    exitCode = await assumeRoleCommand(io, { inputs, output });
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitCodes.done : exitCodes.input;
  }
}

type AssumeRoleAction = (inputs: Inputs, output: string | undefined) => Promise<void>;

function addAssumeRole(program: Command, action: AssumeRoleAction): void {
  const command = program
    .command('assume-role')
    .description(
      'Exchange the ID token in GITLAB_OIDC_TOKEN for credentials and write them as a dotenv report.',
    )
    .option('--output <file>', 'the dotenv file (default: AWS_OIDC_DOTENV, else aws-oidc.env)');
  for (const name of inputNames) {
    const flag = `--${name.replaceAll('_', '-')}`;
    if (listInputs.includes(name)) command.option(`${flag} <value>`, inputHelp[name], collect);
    else command.option(`${flag} <value>`, inputHelp[name]);
  }
  command.addHelpText('after', assumeRoleHelp);
  command.action((options: Record<string, string | string[]>) =>
    action(inputsOf(options), outputOf(options)),
  );
}

const assumeRoleHelp = `
Each flag can also be set in the environment: AWS_OIDC_ROLE_ARN, AWS_OIDC_POLICY_ARNS (lists as JSON), and so on.

Exit codes: 0 done; 1 refused or failed for good; 2 wrong input; 75 a passing fault outlasted the deadline.

Example:
  aws-oidc assume-role --role-arn arn:aws:iam::111111111111:role/deploy --region eu-central-1
`;

const collect = (value: string, previous: string[] = []) => [...previous, value];

const outputOf = ({ output }: Record<string, string | string[]>) =>
  typeof output === 'string' ? output : undefined;

/** Flags as commander gives them (camel case) to inputs; lists as JSON, the form they have in the environment. */
function inputsOf(options: Record<string, string | string[]>): Inputs {
  const found = inputNames.flatMap((name) => {
    const value = options[name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())];
    if (value === undefined) return [];
    return [[name, typeof value === 'string' ? value : JSON.stringify(value)] as const];
  });
  return Object.fromEntries(found);
}

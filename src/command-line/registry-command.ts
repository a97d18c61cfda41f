import { type Command, Option } from 'commander';
import type { CommandLineIo } from '../system/io.ts';
import type { Finish } from './session-commands.ts';
import { addSessionFlags, collect, type Flags, sessionFlags, sessionHelp, text } from './shared-flags.ts';

/** Adds the command that logs in to Amazon ECR. */
export function addEcrLogin(program: Command, io: CommandLineIo, finish: Finish): void {
  const command = program
    .command('ecr-login')
    .description('Exchange the ID token, request registry tokens of Amazon ECR, and write them to a file.')
    .option(
      '--registry <host>',
      "registry to log in to; repeatable (default: the one of the role's account)",
      collect,
    )
    .addOption(
      new Option('--output-format <format>', 'dotenv report for GitLab, or a config.json of Docker')
        .choices(['dotenv', 'docker-config'])
        .default('dotenv'),
    )
    .option('--output <file>', 'file to write, or "-" for standard output (default: see below)');
  addSessionFlags(command).addHelpText('after', help);
  command.action(async (flags: Flags) => {
    const registries = flags.registry as readonly string[] | undefined;
    const outputFormat = flags.outputFormat as 'dotenv' | 'docker-config';
    // loaded only here: it contains two more clients of the AWS SDK
    const { ecrLoginCommand } = await import('../commands/registry/ecr-login.ts');
    const destination = { registries, outputFormat, output: text(flags.output) };
    finish(await ecrLoginCommand(io, { ...sessionFlags(flags, io.env), ...destination }));
  });
}

const help = `${sessionHelp}
A dotenv report is written to the file that AWS_OIDC_DOTENV names, or aws-oidc.env, and sets
DOCKER_AUTH_CONFIG; a config.json is written to standard output. Other entries are kept: those of
DOCKER_AUTH_CONFIG, and those of an existing config.json. --env-prefix has no effect.

Exit codes: 0 success; 1 refused, or failed permanently; 2 invalid input; 75 temporary failure after
all retries.

Example:
  aws-oidc ecr-login --role-arn arn:aws:iam::111111111111:role/deploy --region eu-central-1 \\
    --output-format docker-config --output "$DOCKER_CONFIG/config.json"
`;

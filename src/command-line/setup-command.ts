import { type Command, Option } from 'commander';
import type { SetupFlags } from '../commands/setup/setup-flags.ts';
import type { CommandLineIo } from '../system/io.ts';
import { defaultComponent, defaultVersion } from './component-flags.ts';
import type { Finish } from './session-commands.ts';
import { choice, collect, type Flags } from './shared-flags.ts';

/** Adds the command that sets up a project's first credentials. */
export function addSetupCommand(program: Command, io: CommandLineIo, finish: Finish): void {
  const command = program
    .command('setup')
    .description(
      'Set up AWS credentials for the jobs of a GitLab project: identity provider, role, policies, pipeline. Shows the plan first, and changes nothing without --yes or an answer on the terminal.',
    );
  addTargetFlags(addProjectFlags(command));
  command
    .option('--no-pipeline', 'print the lines for the pipeline instead of writing the file')
    .option('--component <path>', 'path of the components to include', defaultComponent)
    .option('--component-version <version>', 'version to include', defaultVersion)
    .option('--yes', 'make the changes without asking')
    .option('--run', 'start a pipeline when done, and wait for its credentials')
    .addOption(
      new Option('--output <format>', 'print a template or script instead of changing AWS')
        .choices(['cloudformation', 'terraform', 'cli'])
        .conflicts(['yes', 'run', 'updateRole']),
    )
    .addOption(choice('--format <format>', 'output format', ['text', 'json'], 'text'))
    .addHelpText('after', setupHelp)
    .action(async (flags: Flags) => {
      checkComponent(command, flags);
      const { setupCommand } = await import('../commands/setup/setup.ts');
      finish(await setupCommand(io, flags as unknown as SetupFlags));
    });
}

/** Both become a line of YAML. */
function checkComponent(command: Command, { component, componentVersion }: Flags): void {
  if (!/^[$\w][\w./{}$-]*$/.test(String(component)))
    command.error(
      "error: option '--component <path>' must be a path such as gitlab.example.com/group/project",
    );
  if (!/^[\w.~-]+$/.test(String(componentVersion)))
    command.error("error: option '--component-version <version>' must be a version, tag, branch or commit");
}

function addProjectFlags(command: Command): Command {
  return command
    .option('--remote <name>', 'git remote of the GitLab project, if there are several')
    .option('--issuer <url>', 'GitLab instance (default: the one of the git remote)')
    .option('--project <path>', 'project path, GROUP/PROJECT (default: the one of the git remote)')
    .option('--project-id <id>', "project ID (default: from GitLab's API)")
    .option('--namespace-id <id>', "ID of the group (default: from GitLab's API)")
    .option('--branch <name>', 'branch to trust (default: the default branch); repeatable', collect)
    .option('--tag <name>', 'tag to trust; may contain * on gitlab.com; repeatable', collect)
    .option('--audience <aud>', 'audience of the token (default: the instance)');
}

function addTargetFlags(command: Command): Command {
  return command
    .option('--profile <name>', 'AWS profile (default: AWS_PROFILE, or "default")')
    .option(
      '--region <region>',
      "AWS region, also for the jobs (default for AWS: AWS_REGION, or the profile's)",
    )
    .option(
      '--account <id>',
      'account that the credentials must be of; with --output, no credentials are used',
    )
    .option('--partition <name>', 'partition of the account, with --output and --account (default: aws)')
    .option('--role-name <name>', 'name of the role (default: gitlab-GROUP-PROJECT)')
    .option('--duration <duration>', 'maximum session duration of the role, such as 3600 or 1h (default: 1h)')
    .option('--policy-arn <arn>', 'managed policy to attach to the role; repeatable', collect)
    .option('--policy <file>', 'JSON file with an inline policy for the role')
    .option('--permissions-boundary <arn>', 'permissions boundary of a new role')
    .option('--update-role', 'change the role if it exists and differs')
    .option('--no-provider', 'do not create or change the identity provider');
}

const setupHelp = `
Run it in a clone of the project. GitLab's API is asked with GITLAB_TOKEN or the token of glab, if
there is one. AWS credentials are those that the AWS CLI would use. Without a terminal and without
--yes, the plan is only shown. An existing role is changed only with --update-role. Running setup
again continues where it stopped.

Exit codes: 0 done, or only shown; 1 refused or failed; 2 invalid input; 75 temporary failure.

Examples:
  aws-oidc setup                                          # shows the plan, then asks
  aws-oidc setup --profile dev --policy-arn arn:aws:iam::aws:policy/ReadOnlyAccess --yes
  aws-oidc setup --run                                    # after the push: is it working?
  aws-oidc setup --account 111111111111 --output terraform > role.tf
`;

import type { Command } from 'commander';
import { trustPolicyExplainCommand } from '../commands/trust-policy/explain.ts';
import { trustPolicyGenerateCommand } from '../commands/trust-policy/generate.ts';
import { type LintFlags, trustPolicyLintCommand } from '../commands/trust-policy/lint.ts';
import type { TrustTargetFlags } from '../commands/trust-policy/trust-target-flags.ts';
import type { CommandLineIo } from '../system/io.ts';
import { severities } from '../trust-policy/rule.ts';
import { type TemplateFormat, templateFormats } from '../trust-policy/write-role.ts';
import type { Finish } from './session-commands.ts';
import { addTokenFlags, choice, collect, type Flags, text, tokenFlags, tokenHelp } from './shared-flags.ts';

/** Adds the commands for trust policies, which work offline. */
export function addTrustPolicyCommands(program: Command, io: CommandLineIo, finish: Finish): void {
  const group = program
    .command('trust-policy')
    .description('Write and check trust policies, and explain why one accepts or rejects a token.')
    .helpCommand('help [command]', 'Show help for a command.');
  addGenerate(group, io, finish);
  addLint(group, io, finish);
  addExplain(group, io, finish);
}

function addGenerate(group: Command, io: CommandLineIo, finish: Finish): void {
  group
    .command('generate')
    .description(
      'Generate a trust policy, or a role: for refs of one project, with every condition on them that AWS supports for the issuer, or for other roles.',
    )
    .option(
      '--issuer <url>',
      'GitLab instance (default: CI_SERVER_URL), or https://oidc.circleci.com/org/ORGANIZATION',
    )
    .option('--audience <aud>', 'audience of the token (default: the issuer)')
    .option('--account <id>', 'account of the role (default: the account in AWS_OIDC_ROLE_ARN)')
    .option(
      '--partition <name>',
      'for example aws, aws-cn or aws-us-gov (default: the partition in AWS_OIDC_ROLE_ARN, or aws)',
    )
    .option('--project <path>', 'project path, GROUP/PROJECT (default: CI_PROJECT_PATH)')
    .option('--project-id <id>', 'project ID (default: CI_PROJECT_ID); required for gitlab.com and CircleCI')
    .option(
      '--namespace-id <id>',
      'ID of the group (default: CI_PROJECT_NAMESPACE_ID); required for gitlab.com',
    )
    .option(
      '--branch <name>',
      'branch to trust (default: CI_COMMIT_BRANCH); may contain * on gitlab.com; repeatable',
      collect,
    )
    .option(
      '--tag <name>',
      'tag to trust (default: CI_COMMIT_TAG); may contain * on gitlab.com; repeatable',
      collect,
    )
    .option(
      '--environment <name>',
      'environment to trust, if sub includes it (see the documentation); repeatable',
      collect,
    )
    .option('--merge-requests', 'trust merge request pipelines (gitlab.com only); use a read-only role')
    .option('--role-name <name>', 'name of the role (default: the name in AWS_OIDC_ROLE_ARN, or gitlab-ci)')
    .option('--duration <duration>', 'maximum session duration of the role, such as 3600 or 1h (default: 1h)')
    .option('--no-provider', 'omit the identity provider, if the account already has it')
    .option(
      '--chained-from <arn>',
      'role that assumes this one, as in role_chain; the role then trusts no tokens; repeatable',
      collect,
    )
    .option('--external-id <id>', 'external ID that the request must contain')
    .option('--no-session-tags', 'do not allow session tags')
    .option('--source-identity', 'allow a source identity')
    .addOption(
      choice('--format <format>', 'output format; json is the trust policy only', templateFormats, 'json'),
    )
    .addHelpText('after', generateHelp)
    .action(async (flags: Flags) => {
      const target = flags as unknown as TrustTargetFlags & { readonly format: TemplateFormat };
      finish(await trustPolicyGenerateCommand(io, target));
    });
}

function addLint(group: Command, io: CommandLineIo, finish: Finish): void {
  group
    .command('lint')
    .description('Find risks in trust policies.')
    .argument(
      '<file...>',
      'policy, output of aws iam get-role, CloudFormation template, or output of terraform show -json',
    )
    .addOption(choice('--format <format>', 'output format', ['text', 'json', 'codequality'], 'text'))
    .addOption(
      choice(
        '--fail-on <severity>',
        'exit with 1 for findings of this severity or higher',
        severities,
        'major',
      ),
    )
    .addHelpText('after', lintHelp)
    .action(async (files: readonly string[], flags: Flags) => {
      finish(await trustPolicyLintCommand(io, files, flags as unknown as LintFlags));
    });
}

function addExplain(group: Command, io: CommandLineIo, finish: Finish): void {
  const command = group
    .command('explain')
    .description('Evaluate a trust policy against a token, condition by condition, as IAM would.')
    .option(
      '--policy <file>',
      'file with the policy, in any format that lint reads; without it, the explanation uses only --error and the claims',
    )
    .option('--role <name>', 'role to evaluate, if the file has several')
    .option('--claims <file>', 'claims instead of a token: JSON, or the claims from a job log')
    .option(
      '--role-arn <arn>',
      'ARN of the role; only its account and partition matter (default: AWS_OIDC_ROLE_ARN; if not set, those of the provider in the policy are assumed)',
    )
    .option('--error <text>', 'error message of STS, as any tool prints it; used to rank the causes')
    .option('--write-corrected <file>', 'write the corrected policy to a file')
    .option(
      '--context <key=value>',
      'value of a request context key, such as aws:SourceIp=192.0.2.7; repeatable',
      collect,
    )
    .addOption(choice('--format <format>', 'output format', ['text', 'json'], 'text'));
  addTokenFlags(command).addHelpText('after', explainHelp);
  command.action(async (flags: Flags) =>
    finish(
      await trustPolicyExplainCommand(io, {
        ...tokenFlags(flags),
        policy: text(flags.policy),
        role: text(flags.role),
        claims: text(flags.claims),
        roleArn: text(flags.roleArn),
        error: text(flags.error),
        correctedTo: text(flags.writeCorrected),
        context: flags.context as readonly string[] | undefined,
        format: flags.format as 'text' | 'json',
      }),
    ),
  );
}

const generateHelp = `
In a GitLab job, the defaults come from predefined variables. If AWS_OIDC_ROLE_ARN is not set,
--account is required, except with --chained-from. With --account, AWS_OIDC_ROLE_ARN is ignored.
For gitlab.com, the policy checks sub, aud, project_id, namespace_id and ref_protected. For other
instances, AWS can check only sub and aud.

Examples:
  aws-oidc trust-policy generate --issuer https://gitlab.example.com --account 111111111111 \\
    --project acme/shop --branch main > trust.json
  aws-oidc trust-policy generate --issuer https://gitlab.com --account 111111111111 \\
    --project acme/shop --project-id 20 --namespace-id 72 --tag 'v*' --format terraform > role.tf
  aws-oidc trust-policy generate --chained-from arn:aws:iam::111111111111:role/hub \\
    --role-name deploy > trust.json
`;

const lintHelp = `
Severities: ${severities.join(', ')}. codequality writes a GitLab Code Quality report,
which shows the findings in the merge request.

Example:
  aws-oidc trust-policy lint --format codequality template.yml > gl-code-quality-report.json
`;

const explainHelp = `${tokenHelp}

Exit codes: 0 the policy accepts the token; 1 it does not, or --error was given; 2 invalid input.
For any file, "-" means standard input.

Example:
  aws iam get-role --role-name deploy > role.json
  aws-oidc trust-policy explain --policy role.json --claims claims.json
  aws-oidc trust-policy explain --claims claims.json --error "$(cat error.txt)"
`;

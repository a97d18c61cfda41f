import type { Command } from 'commander';
import { trustPolicyExplainCommand } from '../commands/trust-policy/explain.ts';
import { trustPolicyGenerateCommand } from '../commands/trust-policy/generate.ts';
import { type LintFlags, trustPolicyLintCommand } from '../commands/trust-policy/lint.ts';
import type { TrustTargetFlags } from '../commands/trust-policy/trust-target-flags.ts';
import type { CommandLineIo } from '../system/io.ts';
import { type TemplateFormat, templateFormats } from '../trust-policy/role-template.ts';
import { severities } from '../trust-policy/rule.ts';
import { addTokenFlags, choice, collect, type Flags, text, tokenFlags, tokenHelp } from './flags.ts';
import type { Finish } from './session-commands.ts';

/** Commands about the trust policies of roles; they work offline. */
export function addTrustPolicyCommands(program: Command, io: CommandLineIo, finish: Finish): void {
  const group = program
    .command('trust-policy')
    .description('Write trust policies, check them, and explain what one says to a token.');
  addGenerate(group, io, finish);
  addLint(group, io, finish);
  addExplain(group, io, finish);
}

function addGenerate(group: Command, io: CommandLineIo, finish: Finish): void {
  group
    .command('generate')
    .description('Write a role that trusts some refs of one project, as safe as the issuer allows.')
    .option(
      '--issuer <url>',
      'the GitLab instance (default: CI_SERVER_URL), or https://oidc.circleci.com/org/ORGANIZATION',
    )
    .option('--audience <aud>', "the token's audience (default: the issuer)")
    .option('--account <id>', 'the account of the role (default: that of AWS_OIDC_ROLE_ARN)')
    .option('--partition <name>', 'aws, aws-cn, aws-us-gov … (default: aws)')
    .option('--project <path>', 'GROUP/PROJECT (default: CI_PROJECT_PATH)')
    .option('--project-id <id>', 'needed on gitlab.com (default: CI_PROJECT_ID) and for CircleCI')
    .option('--namespace-id <id>', 'needed on gitlab.com (default: CI_PROJECT_NAMESPACE_ID)')
    .option(
      '--branch <name>',
      'a branch to trust (default: CI_COMMIT_BRANCH); on gitlab.com "*" makes a pattern; may be repeated',
      collect,
    )
    .option('--tag <name>', 'a tag to trust (default: CI_COMMIT_TAG); may be repeated', collect)
    .option(
      '--environment <name>',
      'an environment to trust, if the project includes it in its sub; may be repeated',
      collect,
    )
    .option(
      '--merge-requests',
      'trust merge requests of the project, on gitlab.com; give them a role that may only read',
    )
    .option('--role-name <name>', 'the name of the role (default: that of AWS_OIDC_ROLE_ARN, else gitlab-ci)')
    .option('--duration <seconds>', "the role's maximum session duration (default: 3600)")
    .option('--no-provider', 'leave out the identity provider: the account has it already')
    .addOption(choice('--format <format>', 'json is the trust policy alone', templateFormats, 'json'))
    .addHelpText('after', generateHelp)
    .action(async (flags: Flags) => {
      const target = flags as unknown as TrustTargetFlags & { readonly format: TemplateFormat };
      finish(await trustPolicyGenerateCommand(io, target));
    });
}

function addLint(group: Command, io: CommandLineIo, finish: Finish): void {
  group
    .command('lint')
    .description('Look for dangers in trust policies.')
    .argument('<file...>', 'a policy, aws iam get-role, a CloudFormation template, or terraform show -json')
    .addOption(choice('--format <format>', 'text for people', ['text', 'json', 'codequality'], 'text'))
    .addOption(choice('--fail-on <severity>', 'exit with 1 for this and worse', severities, 'major'))
    .addHelpText('after', lintHelp)
    .action(async (files: readonly string[], flags: Flags) => {
      finish(await trustPolicyLintCommand(io, files, flags as unknown as LintFlags));
    });
}

function addExplain(group: Command, io: CommandLineIo, finish: Finish): void {
  const command = group
    .command('explain')
    .description('Decide a trust policy for a token as IAM would, condition by condition.')
    .option(
      '--policy <file>',
      'the policy, in any form that lint reads; if left out, only --error is explained',
    )
    .option('--role <name>', 'which role, where the file has several')
    .option(
      '--claims <file>',
      "the claims of a token, in place of a token: JSON, or the lines of a job's log",
    )
    .option(
      '--role-arn <arn>',
      'the role, for its account (default: AWS_OIDC_ROLE_ARN, else that of the provider)',
    )
    .option('--error <text>', 'the error as any tool prints it; the causes are ranked by it')
    .option('--write-corrected <file>', 'also write the corrected policy to a file')
    .option('--context <key=value>', 'what only AWS knows, such as aws:SourceIp; may be repeated', collect)
    .addOption(choice('--format <format>', 'text for people, json for programs', ['text', 'json'], 'text'));
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
In a job, the defaults come from the environment: name the account, unless AWS_OIDC_ROLE_ARN is set. On gitlab.com the policy holds sub, aud, project_id,
namespace_id and ref_protected; AWS knows only sub and aud of the tokens of other instances.

Examples:
  aws-oidc trust-policy generate --issuer https://gitlab.example.com --account 111111111111 \\
    --project acme/shop --branch main > trust.json
  aws-oidc trust-policy generate --issuer https://gitlab.com --account 111111111111 --project acme/shop \\
    --project-id 20 --namespace-id 72 --tag 'v*' --format terraform > role.tf
`;

const lintHelp = `
Severities: ${severities.join(', ')}. codequality is GitLab's Code Quality report: findings appear in the merge request.

Example:
  aws-oidc trust-policy lint --format codequality template.yml > gl-code-quality-report.json
`;

const explainHelp = `${tokenHelp}

Exit codes: 0 the policy lets the token in; 1 it does not; 2 wrong input. For any file, "-" means standard input.

Example:
  aws iam get-role --role-name deploy > role.json
  aws-oidc trust-policy explain --policy role.json --claims claims.json
  aws-oidc trust-policy explain --claims claims.json --error "$(cat error.txt)"
`;

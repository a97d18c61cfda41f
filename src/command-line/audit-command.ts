import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AuditFlags } from '../commands/audit/audit-report.ts';
import type { CommandLineIo } from '../system/io.ts';
import { severities } from '../trust-policy/rule.ts';
import type { Finish } from './session-commands.ts';
import { choice, collect, type Flags, text } from './shared-flags.ts';
import { version } from './version.ts';

const formats: readonly AuditFlags['format'][] = ['text', 'json', 'sarif', 'codequality'];

/** Adds the command that judges all roles of accounts. */
export function addAuditCommand(program: Command, io: CommandLineIo, finish: Finish): void {
  const command = program
    .command('audit')
    .description(
      'Find every role that trusts an OpenID Connect issuer: who can assume it, what it may do at worst, and a corrected trust policy.',
    )
    .argument('[file...]', 'output of aws iam get-account-authorization-details; "-" is standard input');
  addAuditFlags(command)
    .addHelpText('after', auditHelp)
    .action(async (files: readonly string[], flags: Flags) => {
      // other commands do not need to load this
      const { auditCommand } = await import('../commands/audit/audit.ts');
      finish(await auditCommand(io, files, auditFlags(flags)));
    });
}

function addAuditFlags(command: Command): Command {
  return command
    .option(
      '--profile <name>',
      'AWS profile to audit the account of (default: AWS_PROFILE, or "default"); repeatable',
      collect,
    )
    .option(
      '--organization-role <name>',
      'audit all accounts of the organization, through this role in each of them',
    )
    .option('--region <region>', 'AWS region; selects the partition')
    .addOption(
      new Option('--parallel <number>', 'number of accounts to read at a time')
        .argParser(parallelAccounts)
        .default('4'),
    )
    .option(
      '--providers <file>',
      'identity providers of the accounts, as aws iam get-open-id-connect-provider prints them; repeatable',
      collect,
    )
    .option('--check-issuers', 'request the documents of each issuer, without credentials')
    .addOption(choice('--format <format>', 'output format', formats, 'text'))
    .addOption(
      choice(
        '--fail-on <severity>',
        'exit with 1 for findings of this severity or higher',
        severities,
        'major',
      ),
    )
    .option('--baseline <file>', 'known findings, which do not make the command fail')
    .option('--write-baseline <file>', 'write all findings to a file, for --baseline')
    .option('--no-corrected', 'omit the corrected policies from the text');
}

function auditFlags(flags: Flags): AuditFlags {
  return {
    profiles: (flags.profile as readonly string[] | undefined) ?? [],
    organizationRole: text(flags.organizationRole),
    region: text(flags.region),
    parallel: Number(flags.parallel),
    format: flags.format as AuditFlags['format'],
    failOn: flags.failOn as AuditFlags['failOn'],
    providers: (flags.providers as readonly string[] | undefined) ?? [],
    checkIssuers: flags.checkIssuers === true,
    baseline: text(flags.baseline),
    writeBaseline: text(flags.writeBaseline),
    corrected: flags.corrected !== false,
    version,
  };
}

function parallelAccounts(value: string): number {
  if (!/^([1-9]|[1-4]\d|50)$/.test(value))
    throw new InvalidArgumentError('It must be a number from 1 to 50.');
  return Number(value);
}

const auditHelp = `
Without files, the roles are read from IAM with the credentials that the AWS CLI would use; the AWS
managed policy SecurityAudit is sufficient. With files, nothing is read from AWS. The permissions
are an upper bound: conditions count as met. Service control policies are not taken into account. A
corrected policy may have placeholders in capitals, such as GROUP/PROJECT, to replace.

Exit codes: 0 no finding of the severity --fail-on or higher; 1 there is one, or an account could
not be read; 2 invalid input; 75 temporary failure.

Examples:
  aws-oidc audit
  aws-oidc audit --profile dev --profile production
  aws-oidc audit --organization-role OrganizationAccountAccessRole --parallel 10
  aws iam get-account-authorization-details > roles.json
  aws-oidc audit roles.json
  aws-oidc audit roles.json --format sarif > audit.sarif
  aws-oidc audit roles.json --write-baseline known.json
  aws-oidc audit roles.json --baseline known.json --fail-on minor
  aws iam get-open-id-connect-provider --open-id-connect-provider-arn "$ARN" > gitlab.json
  aws-oidc audit roles.json --providers gitlab.json
`;

import type { Command } from 'commander';
import { migrateCommand } from '../commands/migrate/migrate.ts';
import type { MigrateFlags } from '../commands/migrate/result.ts';
import type { CommandLineIo } from '../system/io.ts';
import { choice, type Flags, text } from './flags.ts';
import type { Finish } from './session-commands.ts';
import { version } from './version.ts';

const defaultComponent = '$CI_SERVER_FQDN/aws-oidc/aws-oidc';

/** The command that mends pipelines of before GitLab 17. */
export function addMigrateCommand(program: Command, io: CommandLineIo, finish: Finish): void {
  program
    .command('migrate')
    .description('Mend a pipeline that uses CI_JOB_JWT, CI_JOB_JWT_V1 or CI_JOB_JWT_V2, or a pasted recipe.')
    .argument(
      '[file]',
      'the pipeline; what it includes from the repository and the child pipelines that it triggers are migrated as well',
      '.gitlab-ci.yml',
    )
    .addOption(
      choice(
        '--to <step>',
        'id-tokens declares tokens; component puts a component in the place of recipes',
        ['id-tokens', 'component'],
        'id-tokens',
      ),
    )
    .option(
      '--audience <aud>',
      "the tokens' audience (default: $CI_SERVER_URL, as CI_JOB_JWT_V2 had it; needed for CI_JOB_JWT and _V1)",
    )
    .option('--write', 'change the files; without it the difference is printed')
    .option('--check', 'change nothing, and exit with 1 if something is left to migrate; not with --write')
    .option('--component <path>', 'where the component is', defaultComponent)
    .option('--component-version <version>', 'which version of it', version === 'development' ? '1' : version)
    .addOption(
      choice('--format <format>', 'text is a difference for people', ['text', 'json', 'codequality'], 'text'),
    )
    .addHelpText('after', migrateHelp)
    .action(async (file: string, flags: Flags, command: Command) => {
      if (flags.audience === '') command.error("error: option '--audience <aud>' must not be empty");
      if (flags.write && flags.check) {
        command.error(
          "error: options '--write' and '--check' cannot be used together: one of them changes files",
        );
      }
      const settled: MigrateFlags = {
        to: flags.to as MigrateFlags['to'],
        format: flags.format as MigrateFlags['format'],
        audience: text(flags.audience),
        component: text(flags.component) ?? defaultComponent,
        version: text(flags.componentVersion) ?? version,
        write: flags.write === true,
        check: flags.check === true,
      };
      finish(await migrateCommand(io, file, settled));
    });
}

const migrateHelp = `
Everything that is not migrated stays byte for byte. A recipe is replaced only if everything that it makes is made by
the component as well, or used by nobody. What is left, and what cannot be seen from here (includes of other
projects, variables in the settings), is listed with its line and the reason.

Exit codes: 0 done; 1 with --check, something is left; 2 wrong input, nothing was changed.

Examples:
  aws-oidc migrate                     # shows what it would do
  aws-oidc migrate --write
  aws-oidc migrate --to component      # recipes, too
  aws-oidc migrate --check --format codequality > gl-code-quality-report.json
`;

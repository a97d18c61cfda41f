import type { Command } from 'commander';
import { type MigrateFlags, migrateCommand } from '../commands/migrate.ts';
import type { CommandLineIo } from '../io.ts';
import { version } from '../version.ts';
import { choice, type Flags, text } from './flags.ts';
import type { Finish } from './session-commands.ts';

const defaultComponent = '$CI_SERVER_FQDN/aws-oidc/aws-oidc';

/** The command that mends pipelines of before GitLab 17. */
export function addMigrateCommand(program: Command, io: CommandLineIo, finish: Finish): void {
  program
    .command('migrate')
    .description('Mend a pipeline that uses CI_JOB_JWT, CI_JOB_JWT_V1 or CI_JOB_JWT_V2, or a pasted recipe.')
    .argument(
      '[file]',
      'the pipeline; files that it includes from the repository are looked at as well',
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
      "the tokens' audience (default: $CI_SERVER_URL; needed where the token is not for AWS)",
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
Everything that is not migrated stays byte for byte. What cannot be seen from here (includes of other projects,
variables in the settings) and what is left to do by hand is listed, with its line.

Exit codes: 0 done; 1 with --check, something is left; 2 wrong input, nothing was changed.

Examples:
  aws-oidc migrate                     # shows what it would do
  aws-oidc migrate --write
  aws-oidc migrate --to component      # recipes, too
  aws-oidc migrate --check --format codequality > gl-code-quality-report.json
`;

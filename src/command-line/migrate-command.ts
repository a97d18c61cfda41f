import type { Command } from 'commander';
import { migrateCommand } from '../commands/migrate/migrate.ts';
import type { MigrateFlags } from '../commands/migrate/result.ts';
import type { CommandLineIo } from '../system/io.ts';
import { defaultComponent, defaultVersion } from './component-flags.ts';
import type { Finish } from './session-commands.ts';
import { choice, type Flags, text } from './shared-flags.ts';

/** Adds the command that updates pipelines written for GitLab 16 and earlier. */
export function addMigrateCommand(program: Command, io: CommandLineIo, finish: Finish): void {
  const command = program
    .command('migrate')
    .description(
      'Update a pipeline that uses CI_JOB_JWT, CI_JOB_JWT_V1, CI_JOB_JWT_V2 or a pasted login script. ' +
        'Without --write, this is a dry run that prints the changes.',
    )
    .argument(
      '[file]',
      'the pipeline; local includes and child pipelines are updated, too',
      '.gitlab-ci.yml',
    );
  addMigrateFlags(command)
    .addHelpText('after', migrateHelp)
    .action(async (file: string, flags: Flags) => {
      finish(await migrateCommand(io, file, migrateFlags(flags, command)));
    });
}

function addMigrateFlags(command: Command): Command {
  return command
    .addOption(
      choice(
        '--to <step>',
        'id-tokens declares ID tokens; component also replaces login scripts',
        ['id-tokens', 'component'],
        'id-tokens',
      ),
    )
    .option(
      '--audience <aud>',
      'audience of the ID tokens (default: $CI_SERVER_URL, like CI_JOB_JWT_V2; required for CI_JOB_JWT and CI_JOB_JWT_V1)',
    )
    .option('--write', 'write the changes to the files')
    .option(
      '--check',
      'exit with 1 if there are changes to write, or anything is left to migrate by hand; cannot be combined with --write',
    )
    .option('--component <path>', 'path of the components to include', defaultComponent)
    .option('--component-version <version>', 'version to include (default: the version of this program)')
    .addOption(choice('--format <format>', 'text is a diff', ['text', 'json', 'codequality'], 'text'));
}

/** Exits through commander if flags contradict each other. */
function migrateFlags(flags: Flags, command: Command): MigrateFlags {
  if (flags.audience === '') command.error("error: option '--audience <aud>' must not be empty");
  if (flags.write && flags.check) {
    command.error("error: options '--write' and '--check' cannot be used together: --check changes no files");
  }
  return {
    to: flags.to as MigrateFlags['to'],
    format: flags.format as MigrateFlags['format'],
    audience: text(flags.audience),
    component: text(flags.component) ?? defaultComponent,
    version: text(flags.componentVersion) ?? defaultVersion,
    write: flags.write === true,
    check: flags.check === true,
  };
}

const migrateHelp = `
Apart from the changes shown, files stay byte for byte as they are. A login script is replaced only
if a component provides everything that the rest of the job uses from that script. Everything that
is not migrated, and every include that cannot be read, is listed with line and reason. Variables
in the project's settings are not checked.

Exit codes: 0 done; 1 something is left to migrate (with --check), or the files cannot be written
(with --write); 2 invalid input, no file was changed.

Examples:
  aws-oidc migrate                     # shows the changes
  aws-oidc migrate --write             # writes them
  aws-oidc migrate --to component      # shows the changes, with login scripts replaced
  aws-oidc migrate --check --format codequality > gl-code-quality-report.json
`;

import { join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { minify } from 'terser';
import { noDebug, noNodeWarning, noOtherCredentials, replaceModules } from './replace-modules.ts';
import { requireBanner, requiredBuiltins } from './required-builtins.ts';
import { slimSdk } from './slim-sdk.ts';

export const root = join(import.meta.dirname, '../..');

/** The programs, with their entry points and files. */
export const programs = {
  payload: { entry: 'src/programs/assume-role.ts', file: 'dist/assume-role.mjs' },
  sameJob: { entry: 'src/programs/same-job.ts', file: 'dist/same-job.mjs', sdk: 'own-credentials' },
  doctor: { entry: 'src/programs/doctor.ts', file: 'dist/doctor.mjs' },
  audit: { entry: 'src/programs/audit.ts', file: 'dist/audit.mjs', sdk: 'own-credentials' },
  ecrLogin: { entry: 'src/programs/ecr-login.ts', file: 'dist/ecr-login.mjs', sdk: 'own-credentials' },
  commandLine: { entry: 'src/programs/aws-oidc.ts', file: 'dist/aws-oidc.mjs', sdk: 'whole' },
} as const;

/** A program: its entry point and the file that it is built into. */
export interface Program {
  readonly entry: string;
  readonly file: string;
  /** How much of the AWS SDK: by default what an exchange needs; without, or with, all sources of credentials. */
  readonly sdk?: 'own-credentials' | 'whole';
}

export interface Bundle {
  readonly code: Uint8Array;
  /** esbuild's list of the source files in the bundle. */
  readonly metafile: Metafile;
}

/** Bundles one program in memory. The same sources give the same bytes. */
export async function bundle(program: Program, version: string): Promise<Bundle> {
  const options = {
    absWorkingDir: root,
    entryPoints: [program.entry],
    outfile: program.file,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    // without it, esbuild reads "strict" from tsconfig.json and adds "use strict" to library files
    tsconfigRaw: {},
    format: 'esm',
    target: 'node20',
    // the SDK's ES modules; its CommonJS entry points cannot be tree-shaken
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    // with a single character beyond Latin-1, V8 would store the whole program with two bytes per character
    charset: 'ascii',
    define: { AWS_OIDC_VERSION: JSON.stringify(version) },
    plugins: [...pluginsFor(program), requiredBuiltins()],
    logLevel: 'warning',
    banner: { js: requireBanner },
  } satisfies BuildOptions;
  const { outputFiles, metafile } = await build(options);
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`esbuild wrote nothing for ${program.entry}`);
  // the command line is not in any template, so its size does not slow down jobs
  const code = program === programs.commandLine ? output.text : await minified(output.text);
  return { code: Buffer.from(heading(program) + code), metafile };
}

function pluginsFor({ sdk }: Program): readonly Plugin[] {
  if (sdk === undefined) return [replaceModules([noDebug]), slimSdk()];
  const credentials = sdk === 'whole' ? [] : noOtherCredentials;
  return [replaceModules([noDebug, noNodeWarning, ...credentials])];
}

/** Minifies again, with terser, which is better than esbuild: each job reads 4 % less. */
async function minified(bundled: string): Promise<string> {
  const { code = '' } = await minify(bundled, {
    module: true,
    ecma: 2022,
    // neither we nor the SDK have getters with side effects
    compress: { passes: 4, pure_getters: true },
    format: { ascii_only: true },
  });
  return code;
}

function heading(program: Program): string {
  const shebang = program === programs.commandLine ? '#!/usr/bin/env node\n' : '';
  return `${shebang}// aws-oidc, MIT; licenses of bundled code: dist/LICENSES.md\n`;
}

import { join } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { minify } from 'terser';
import { requireBanner, requiredBuiltins } from './required-builtins.ts';
import { slimSdk } from './slim-sdk.ts';

export const root = join(import.meta.dirname, '../..');

/** The programs: what is built from what. */
export const programs = {
  payload: { entry: 'src/programs/assume-role.ts', file: 'dist/assume-role.mjs' },
  doctor: { entry: 'src/programs/doctor.ts', file: 'dist/doctor.mjs' },
  commandLine: { entry: 'src/programs/aws-oidc.ts', file: 'dist/aws-oidc.mjs' },
} as const;

/** Where a program begins, and the file that it becomes. */
export interface Program {
  readonly entry: string;
  readonly file: string;
}

export interface Bundle {
  readonly code: Uint8Array;
  /** Which source files are in it: esbuild's own account. */
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
    // esbuild would take "strict" from tsconfig.json, and say so in files of libraries
    tsconfigRaw: {},
    format: 'esm',
    target: 'node20',
    // the SDK's ES modules; its CommonJS entry points cannot be tree-shaken
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    // one character beyond Latin-1 would make V8 hold and read the whole program as two bytes a character
    charset: 'ascii',
    define: { AWS_OIDC_VERSION: JSON.stringify(version) },
    plugins: [slimSdk(), requiredBuiltins()],
    logLevel: 'warning',
    banner: { js: requireBanner },
  } satisfies BuildOptions;
  const { outputFiles, metafile } = await build(options);
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`esbuild gave nothing for ${program.entry}`);
  // the command line is in no template, so its bytes cost no job anything
  const code = program === programs.commandLine ? output.text : await minified(output.text);
  return { code: Buffer.from(heading(program) + code), metafile };
}

/** Again, by a minifier that looks further than esbuild's: 4 % less for each job to read. */
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
  return `${shebang}// aws-oidc, MIT; licences of what is bundled: dist/LICENSES.md\n`;
}

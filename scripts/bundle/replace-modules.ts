import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

/** A module of a library, and the file in replacements/ that takes its place. */
export type Replacement = readonly [path: RegExp, file: string];

/** With DEBUG=* it would print proxy credentials to the job log. */
export const noDebug: Replacement = [/\/node_modules\/debug\/src\/index\.js$/, 'no-debug.js'];

/** It says that later versions of the SDK need a later Node: users cannot act on that, updates of this program do. */
export const noNodeWarning: Replacement = [
  /client\/emitWarningIfUnsupportedVersion\.js$/,
  'no-node-warning.js',
];

/** Sources of credentials that a program with credentials of its own does not need. */
export const noOtherCredentials: readonly Replacement[] = [
  [/@aws-sdk\/credential-providers\/dist-es\/index\.js$/, 'credential-providers.js'],
  [/@aws-sdk\/credential-provider-node\/dist-es\/index\.js$/, 'no-default-credentials.js'],
];

/** Makes esbuild read the replacements; their relative imports are resolved from the replaced module. */
export function replaceModules(replacements: readonly Replacement[]): Plugin {
  return {
    name: 'replace-modules',
    setup(build) {
      const unused = new Set(replacements.map(([, file]) => file));
      for (const [filter, file] of replacements) {
        build.onLoad({ filter }, ({ path }) => {
          unused.delete(file);
          const contents = readFileSync(join(import.meta.dirname, 'replacements', file), 'utf8');
          return { contents, resolveDir: dirname(path), loader: 'js' };
        });
      }
      // if a library moved a file, the excluded code would silently return
      build.onEnd(() => ({ errors: [...unused].map((file) => ({ text: `${file} replaced nothing` })) }));
    },
  };
}

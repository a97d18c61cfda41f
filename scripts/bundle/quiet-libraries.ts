import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

/** With DEBUG=* it would print proxy credentials to the job log. */
const debug = [/\/node_modules\/debug\/src\/index\.js$/, 'no-debug.js'] as const;

/** It says that later versions of the SDK need a later Node: users cannot act on that, updates of this program do. */
const nodeWarning = [/client\/emitWarningIfUnsupportedVersion\.js$/, 'no-node-warning.js'] as const;

/**
 * Replaces what libraries print by themselves.
 *
 * @param wholeSdk the program contains the SDK as it is
 */
export function quietLibraries(wholeSdk: boolean): Plugin {
  const replacements = wholeSdk ? [debug, nodeWarning] : [debug];
  return {
    name: 'quiet-libraries',
    setup(build) {
      const unused = new Set<string>(replacements.map(([, file]) => file));
      for (const [filter, file] of replacements) {
        build.onLoad({ filter }, () => {
          unused.delete(file);
          return { contents: readFileSync(join(import.meta.dirname, 'replacements', file), 'utf8') };
        });
      }
      // if a library moved a file, it would silently return
      build.onEnd(() => ({ errors: [...unused].map((file) => ({ text: `${file} replaced nothing` })) }));
    },
  };
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

/** Replaces the package `debug`: with DEBUG=* it would print proxy credentials to the job log. */
export function noDebug(): Plugin {
  return {
    name: 'no-debug',
    setup(build) {
      let isUsed = false;
      build.onLoad({ filter: /\/node_modules\/debug\/src\/index\.js$/ }, () => {
        isUsed = true;
        return { contents: readFileSync(join(import.meta.dirname, 'replacements/no-debug.js'), 'utf8') };
      });
      // if the package moved a file, it would silently return
      build.onEnd(() => ({ errors: isUsed ? [] : [{ text: 'no-debug.js replaced nothing' }] }));
    },
  };
}

import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

/**
 * Loads Node's modules with `require` instead of `import`. An import of `node:http` reads all its exports, one of
 * which loads Node's fetch: this would delay the start of each job by 20 ms.
 */
export function requiredBuiltins(): Plugin {
  return {
    name: 'required-builtins',
    setup(build) {
      build.onResolve({ filter: /^[\w:/]+$/ }, ({ path, kind }) => {
        if (!isBuiltin(path) || kind === 'require-call') return undefined;
        return { path: path.replace(/^(node:)?/, 'node:'), namespace: 'builtin' };
      });
      build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
        contents: `module.exports = require(${JSON.stringify(path)});`,
        loader: 'js',
      }));
    },
  };
}

/** The line at the top of the bundle that defines `require`. */
export const requireBanner =
  'import{createRequire as requireFrom}from"node:module";const require=requireFrom(import.meta.url);';

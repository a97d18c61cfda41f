import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

/**
 * Loads Node's own modules by `require` instead of `import`. An import of `node:http` reads every name
 * it exports, one of which loads all of Node's fetch: 20 ms of each job's start.
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

/** What the bundle needs at its top for that. */
export const requireBanner =
  'import{createRequire as requireFrom}from"node:module";const require=requireFrom(import.meta.url);';

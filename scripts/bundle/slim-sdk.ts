import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Replaces parts of the libraries that a job cannot use, so that the program stays small enough to be
 * carried by a template. Each entry: which module, what stands in for it, and why nothing is missed.
 */
const replacements: readonly (readonly [path: RegExp, replacement: string])[] = [
  // The SDK picks its platform by this file (it has one for Node, browsers, React Native). Ours is for
  // a CI job: no credential chain, no config files, no event streams, no notice about old Nodes.
  [/@aws-sdk\/client-sts\/dist-es\/runtimeConfig\.js$/, 'sts-runtime.js'],
  // Of all providers, the one that is used: merely naming the others makes esbuild wrap what they share.
  [/@aws-sdk\/credential-providers\/dist-es\/index\.js$/, 'credential-providers.js'],
  // The second copy of STS that the credential providers carry: use the first one.
  [/@aws-sdk\/nested-clients\/dist-es\/submodules\/sts\/index\.js$/, 'nested-sts.js'],
  // Keys come from a session in memory, never from the machine.
  [/@aws-sdk\/credential-providers\/dist-es\/fromNodeProviderChain\.js$/, 'no-provider-chain.js'],
  // Only operations with event streams need it; STS has none.
  [/@smithy\/core\/dist-es\/submodules\/event-streams\/index\.js$/, 'no-event-streams.js'],
  // For requests that are signed for several regions at once; STS is asked in one.
  [/@aws-sdk\/signature-v4-multi-region\/dist-es\/index\.js$/, 'no-multi-region.js'],
  // The id of a request, which is no secret: without node:crypto, whose loading costs 9 ms.
  [/@smithy\/core\/dist-es\/submodules\/serde\/uuid\/v4\.js$/, 'request-id.js'],
  // For code that runs inside AWS Lambda.
  [/client\/middleware-recursion-detection\/recursionDetectionMiddleware\.js$/, 'no-recursion-detection.js'],
  // Client-side rate limiting for long-lived clients; retries are ours.
  [/util-retry\/AdaptiveRetryStrategy\.js$/, 'no-adaptive-retry.js'],
  // With DEBUG=* it would print proxy credentials into the job log.
  [/\/node_modules\/debug\/src\/index\.js$/, 'no-debug.js'],
  // Kerberos proxies, which need a native module.
  [/\/node_modules\/proxy-agent-negotiate\/dist\/index\.js$/, 'no-negotiate.js'],
];

/**
 * Modules whose dynamic imports become static ones: what they load is in the bundle and loaded anyway,
 * but a dynamic import of it would make esbuild wrap each of the SDK's modules in a function.
 */
const madeStatic =
  /@aws-sdk\/credential-providers\/dist-es\/fromTemporaryCredentials\.base\.js$|@smithy\/core\/dist-es\/submodules\/protocols\/HttpProtocol\.js$/;

const folder = join(import.meta.dirname, 'replacements');

/** Makes esbuild read our module in place of each replaced one; its relative imports still mean the SDK's. */
export function slimSdk(): Plugin {
  return {
    name: 'slim-sdk',
    setup(build) {
      const unused = new Set(replacements.map(([, file]) => file));
      // its one use is in the request id
      build.onResolve({ filter: /^node:crypto$/ }, ({ importer }) =>
        /submodules\/serde\/index\.js$/.test(importer)
          ? { path: join(folder, 'no-random-values.js') }
          : undefined,
      );
      build.onLoad({ filter: /\.js$/ }, ({ path }) => {
        const contents = contentsOf(path, unused);
        return contents === undefined ? undefined : { contents, resolveDir: dirname(path), loader: 'js' };
      });
      build.onEnd(() => ({
        // a library that moves a file would quietly bring back what is left out
        errors: [...unused].map((file) => ({ text: `${file} replaced nothing` })),
      }));
    },
  };
}

function contentsOf(path: string, unused: Set<string>): string | undefined {
  const [, file] = replacements.find(([pattern]) => pattern.test(path)) ?? [];
  if (file !== undefined) {
    unused.delete(file);
    return readFileSync(join(folder, file), 'utf8');
  }
  return madeStatic.test(path) ? withStaticImports(readFileSync(path, 'utf8')) : undefined;
}

function withStaticImports(source: string): string {
  const imports: string[] = [];
  const body = source.replace(/await import\(("[^"]+")\)/g, (_, specifier: string) => {
    const name = `static${imports.length}`;
    imports.push(`import * as ${name} from ${specifier};\n`);
    return name;
  });
  return imports.join('') + body;
}

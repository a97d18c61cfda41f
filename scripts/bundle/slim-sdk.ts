import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Replaces parts of the libraries that a job cannot use, so that the program stays small enough to be
 * carried by a template. Each entry: which module, what stands in for it, and why nothing is missed.
 */
const replacements: readonly (readonly [path: RegExp, replacement: string])[] = [
  // The client's composition: what the SDK puts together for every program, put together for a CI job.
  [/@aws-sdk\/client-sts\/dist-es\/STSClient\.js$/, 'sts-client.js'],
  // STS's exceptions are told apart by name; a class of twelve lines for each is not needed for that.
  [/@aws-sdk\/client-sts\/dist-es\/models\/errors\.js$/, 'sts-exceptions.js'],
  // Of all providers, the one that is used: merely naming the others makes esbuild wrap what they share.
  [/@aws-sdk\/credential-providers\/dist-es\/index\.js$/, 'credential-providers.js'],
  // The second copy of STS that the credential providers carry: use the first one.
  [/@aws-sdk\/nested-clients\/dist-es\/submodules\/sts\/index\.js$/, 'nested-sts.js'],
  // Only operations with event streams need these two; STS has none.
  [/@smithy\/core\/dist-es\/submodules\/event-streams\/index\.js$/, 'no-event-streams.js'],
  [/@smithy\/signature-v4\/dist-es\/HeaderFormatter\.js$/, 'no-event-signing.js'],
  // For requests whose fields travel in paths and headers, and for all types of all protocols; STS takes
  // and gives texts, numbers and times, in the body.
  [/protocols\/HttpBindingNormalizedSchema\.js$/, 'no-http-bindings.js'],
  [/protocols\/serde\/FromStringShapeDeserializer\.js$/, 'scalar-values.js'],
  // The endpoint is an option: AWS_ENDPOINT_URL and its kin are read with the other options.
  [/middleware-endpoint\/adaptors\/getEndpointFromConfig\.js$/, 'no-configured-endpoint.js'],
  // Endpoints of S3, and functions that the rules of other services' endpoints call.
  [/middleware-endpoint\/service-customizations\/index\.js$/, 'no-s3.js'],
  [/@aws-sdk\/core\/dist-es\/submodules\/client\/util-endpoints\/aws\.js$/, 'endpoint-functions.js'],
  // The id of a request, which is no secret: without node:crypto, whose loading costs 9 ms.
  [/@smithy\/core\/dist-es\/submodules\/serde\/uuid\/v4\.js$/, 'request-id.js'],
  // TLS is loaded with the first request to https, not with the program.
  [/@smithy\/node-http-handler\/dist-es\/node-https\.js$/, 'lazy-https.js'],
  // With DEBUG=* it would print proxy credentials into the job log.
  [/\/node_modules\/debug\/src\/index\.js$/, 'no-debug.js'],
];

/**
 * Modules whose dynamic imports become static ones: what they load is in the bundle and loaded anyway,
 * but a dynamic import of it would make esbuild wrap each of the SDK's modules in a function.
 */
const madeStatic =
  /@aws-sdk\/credential-providers\/dist-es\/fromTemporaryCredentials\.base\.js$|@smithy\/core\/dist-es\/submodules\/protocols\/HttpProtocol\.js$/;

/** The list of AWS's partitions, with each region's name in words. */
const partitions = /util-endpoints\/lib\/aws\/partitions\.js$/;
const shortPartitions = 'the shorter list of partitions';

const folder = join(import.meta.dirname, 'replacements');

/** Makes esbuild read our module in place of each replaced one; its relative imports still mean the SDK's. */
export function slimSdk(): Plugin {
  return {
    name: 'slim-sdk',
    setup(build) {
      const unused = new Set([...replacements.map(([, file]) => file), shortPartitions]);
      // its one use is in the request id
      build.onResolve({ filter: /^node:crypto$/ }, ({ importer }) =>
        /submodules\/serde\/index\.js$/.test(importer)
          ? { path: join(folder, 'no-random-values.js') }
          : undefined,
      );
      build.onLoad({ filter: partitions }, async ({ path }) => {
        unused.delete(shortPartitions);
        return { contents: await patternsAlone(path) };
      });
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

/** Of the regions those that no pattern covers: the others are found by it. */
async function patternsAlone(path: string): Promise<string> {
  const { partitionsInfo } = (await import(path)) as { partitionsInfo: PartitionsInfo };
  const partitions = partitionsInfo.partitions.map(({ regions, ...partition }) => {
    const missed = Object.entries(regions).filter(([name]) => !new RegExp(partition.regionRegex).test(name));
    return { ...partition, regions: Object.fromEntries(missed.map(([name]) => [name, {}])) };
  });
  return `export const partitionsInfo = ${JSON.stringify({ partitions })};`;
}

interface PartitionsInfo {
  readonly partitions: readonly { readonly regionRegex: string; readonly regions: object }[];
}

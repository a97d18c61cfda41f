import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * Replaces parts of the libraries that a job cannot use, so that the program is small enough for a template.
 * Each entry has the module, its replacement, and the reason why nothing is missing.
 */
const replacements: readonly (readonly [path: RegExp, replacement: string])[] = [
  // The client: the SDK assembles it for every kind of program, the replacement for a CI job.
  [/@aws-sdk\/client-sts\/dist-es\/STSClient\.js$/, 'sts-client.js'],
  // The exceptions of STS: they are distinguished by name, which does not need a class of twelve lines for each.
  [/@aws-sdk\/client-sts\/dist-es\/models\/errors\.js$/, 'sts-exceptions.js'],
  // Only operations with event streams need these two; STS has none.
  [/@smithy\/core\/dist-es\/submodules\/event-streams\/index\.js$/, 'no-event-streams.js'],
  [/@smithy\/signature-v4\/dist-es\/HeaderFormatter\.js$/, 'no-event-signing.js'],
  // For requests with fields in paths and headers, and for all types of all protocols; STS uses only strings,
  // numbers and times, in the body.
  [/protocols\/HttpBindingNormalizedSchema\.js$/, 'no-http-bindings.js'],
  [/protocols\/serde\/FromStringShapeDeserializer\.js$/, 'scalar-values.js'],
  // Dates in text of HTTP and JSON: requests to STS contain no times, and "scalar-values.js" reads those in responses.
  [/@smithy\/core\/dist-es\/submodules\/serde\/date-utils\.js$/, 'no-dates.js'],
  // STS has no unions.
  [/@aws-sdk\/core\/dist-es\/submodules\/protocols\/UnionSerde\.js$/, 'no-unions.js'],
  // The endpoint is an option: AWS_ENDPOINT_URL and similar variables are read with the other options.
  [/middleware-endpoint\/adaptors\/getEndpointFromConfig\.js$/, 'no-configured-endpoint.js'],
  // Endpoints of S3, and functions for the endpoint rules of other services.
  [/middleware-endpoint\/service-customizations\/index\.js$/, 'no-s3.js'],
  [/@aws-sdk\/core\/dist-es\/submodules\/client\/util-endpoints\/aws\.js$/, 'endpoint-functions.js'],
  // Masks secrets in the SDK's log; its client here has no logger.
  [/smithy-client\/schemaLogFilter\.js$/, 'no-log-filter.js'],
  // The request ID is not secret, so it does not need node:crypto, which takes 9 ms to load.
  [/@smithy\/core\/dist-es\/submodules\/serde\/uuid\/v4\.js$/, 'request-id.js'],
  // TLS is loaded with the first https request, not with the program.
  [/@smithy\/node-http-handler\/dist-es\/node-https\.js$/, 'lazy-https.js'],
];

/**
 * Modules whose dynamic imports become static: the imported modules are loaded anyway, but with a dynamic
 * import, esbuild would wrap each module of the SDK in a function.
 */
const madeStatic = /@smithy\/core\/dist-es\/submodules\/protocols\/HttpProtocol\.js$/;

/** The list of AWS partitions, with descriptions of all regions. */
const partitions = /util-endpoints\/lib\/aws\/partitions\.js$/;
const shortPartitions = 'the shorter list of partitions';

const folder = join(import.meta.dirname, 'replacements');

/** Makes esbuild read the replacements; their relative imports are resolved from the replaced module. */
export function slimSdk(): Plugin {
  return {
    name: 'slim-sdk',
    setup(build) {
      const unused = new Set([...replacements.map(([, file]) => file), shortPartitions]);
      // it is used only for the request ID
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
        // if a library moved a file, the excluded code would silently return
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

/** Keeps only the regions that no pattern matches: the others are found by the pattern. */
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

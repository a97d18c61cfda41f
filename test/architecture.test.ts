import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { root } from './support/run-program.ts';

/** Who imports whom. */
type Graph = ReadonlyMap<string, readonly string[]>;

/** As values: type imports are gone once TypeScript is stripped. */
async function importGraph(entries: readonly string[]): Promise<Graph> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [...entries],
    outdir: 'unused',
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'silent',
  });
  return new Map(
    Object.entries(metafile.inputs).map(([path, { imports }]) => [path, imports.map((one) => one.path)]),
  );
}

/** Type imports included, for all source files. */
function everyImport(): Graph {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => file.endsWith('.ts')).map((file) => `src/${file}`);
  return new Map(
    sources.map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      const imported = [...text.matchAll(/from '(\.[^']+)'/g)].map(([, file = '']) => file);
      return [path, imported.map((file) => posix.join(posix.dirname(path), file))];
    }),
  );
}

/** The house, from the street to the cellar: a file imports only from what stands below it. */
const layers: readonly (readonly [name: string, files: RegExp])[] = [
  ['programs', /^src\/programs\//],
  ['command line', /^src\/command-line\//],
  ['commands', /^src\/commands\//],
  [
    'domain',
    /^src\/(exchange|hand-off|credentials-server|registry|explain|issuer|trust-policy|migration|permissions|aws-api|gitlab-api|output)\//,
  ],
  ['vocabulary', /^src\/(identity|validation|text|shell|network)\//],
  ['system', /^src\/system\//],
  ['foundation', /^src\/(environment-variables|errors)\.ts$/],
];

const layerOf = (path: string) => layers.findIndex(([, files]) => files.test(path));
const folderOf = (path: string) => path.split('/', 2).join('/');

/** Every rule that an import breaks, in words. */
function violations(graph: Graph): readonly string[] {
  const found: string[] = [];
  for (const [from, imports] of graph) {
    if (layerOf(from) < 0) found.push(`${from} belongs to no layer`);
    for (const to of imports) {
      const broken = brokenRule(from, to);
      if (broken !== undefined) found.push(`${from} imports ${to}: ${broken}`);
    }
  }
  return found;
}

function brokenRule(from: string, to: string): string | undefined {
  if (!to.startsWith('src/')) return packageRule(from, to);
  const [above, below] = [layerOf(from), layerOf(to)];
  if (below < above) return 'it stands above';
  if (/^src\/system\/io\.ts$/.test(to) && !layers[0]?.[1].test(from))
    return 'only programs use io as a value';
  if (layers[above]?.[0] === 'domain' && below === above && folderOf(from) !== folderOf(to)) {
    return 'domain folders do not know each other';
  }
  return undefined;
}

function packageRule(from: string, to: string): string | undefined {
  if (to.startsWith('@aws-sdk/') && !/^src\/(exchange\/sts\.ts$|aws-api\/)/.test(from)) {
    return '@aws-sdk belongs in exchange/sts.ts and aws-api';
  }
  if (to.startsWith('@gitbeaker/') && !/^src\/gitlab-api\//.test(from))
    return 'gitbeaker belongs in gitlab-api';
  if (to === 'unbash' && !/^src\/(shell|migration\/recipe)\//.test(from)) return 'unbash belongs elsewhere';
  if (to === 'yaml' && !/^src\/(migration\/|trust-policy\/|text\/|gitlab-api\/glab-config\.ts$)/.test(from))
    return 'yaml belongs elsewhere';
  if (/^(node:)?fs/.test(to) && layers[layerOf(from)]?.[0] !== 'system') return 'files are behind io';
  return undefined;
}

function cycles(graph: Graph): readonly string[] {
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] => {
    if (trail.includes(path)) return [`circle: ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}`];
    if (done.has(path)) return [];
    done.add(path);
    return (graph.get(path) ?? []).flatMap((next) => visit(next, [...trail, path]));
  };
  return [...graph.keys()].flatMap((path) => visit(path, []));
}

const programs = ['assume-role', 'same-job', 'doctor', 'aws-oidc', 'ecr-login', 'audit'].map(
  (name) => `src/programs/${name}.ts`,
);

describe('the import rule', () => {
  let graph: Graph;
  beforeAll(async () => {
    graph = await importGraph(programs);
  });

  it('holds in the sources', () => {
    expect(graph.size).toBeGreaterThan(20);
    expect(violations(graph)).toEqual([]);
  });

  it('keeps the command line out of the payload', async () => {
    const payload = [...(await importGraph(['src/programs/assume-role.ts'])).values()].flat();
    expect(payload).toContain('@aws-sdk/client-sts');
    expect(payload).not.toContain('commander');
  });

  it.each([
    [
      'a domain folder that imports a command',
      'src/exchange/region.ts',
      'src/commands/session/assume-role.ts',
      /it stands above/,
    ],
    [
      'a domain folder that imports another',
      'src/explain/a.ts',
      'src/exchange/region.ts',
      /do not know each other/,
    ],
    ['a command that makes its own io', 'src/commands/a.ts', 'src/system/io.ts', /only programs use io/],
    ['errors that import something', 'src/errors.ts', 'src/system/io.ts', /it stands above/],
    ['the SDK elsewhere', 'src/exchange/region.ts', '@aws-sdk/client-sts', /belongs in exchange\/sts.ts/],
    ['yaml in a command', 'src/commands/a.ts', 'yaml', /yaml belongs elsewhere/],
    ['gitbeaker elsewhere', 'src/commands/a.ts', '@gitbeaker/core', /gitbeaker belongs in gitlab-api/],
    ['a domain folder that reads files', 'src/hand-off/dotenv.ts', 'node:fs', /files are behind io/],
    ['a file outside the house', 'src/helpers.ts', 'src/errors.ts', /belongs to no layer/],
  ])('fails for %s', (_, from, to, message) => {
    expect(violations(new Map([[from, [to]]]))).toEqual([expect.stringMatching(message)]);
  });

  it('has no circle, not even of types', () => {
    const graph = everyImport();
    expect(graph.size).toBeGreaterThan(100);
    expect(cycles(graph)).toEqual([]);
  });

  it('fails for a circle', () => {
    const graph: Graph = new Map([
      ['src/exchange/a.ts', ['src/exchange/b.ts']],
      ['src/exchange/b.ts', ['src/exchange/a.ts']],
    ]);
    expect(cycles(graph)).toEqual(['circle: src/exchange/a.ts → src/exchange/b.ts → src/exchange/a.ts']);
  });
});

import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { root } from './support/run-program.ts';

/** Who imports whom, as values: type imports are gone once TypeScript is stripped. */
type Graph = ReadonlyMap<string, readonly string[]>;

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

/** The house, from the street to the cellar: a file imports only from what stands below it. */
const layers: readonly (readonly [name: string, files: RegExp])[] = [
  ['entry', /^src\/(job|doctor|main)\.ts$/],
  ['command line', /^src\/((cli|version)\.ts$|command-line\/)/],
  ['commands', /^src\/commands\//],
  ['domain', /^src\/(exchange|hand-off|explain|issuer|trust-policy|pipeline|log)\//],
  ['vocabulary', /^src\/(identity|text|shell)\//],
  [
    'outside',
    /^src\/(io|private-file|edit-private-file|child-process|list-files|git|replace-files|end-on-signal)\.ts$/,
  ],
  ['errors', /^src\/errors\.ts$/],
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
  return [...found, ...cycles(graph)];
}

function brokenRule(from: string, to: string): string | undefined {
  if (!to.startsWith('src/')) return packageRule(from, to);
  const [above, below] = [layerOf(from), layerOf(to)];
  if (below < above) return 'it stands above';
  if (/^src\/io\.ts$/.test(to) && !layers[0]?.[1].test(from)) return 'only entries use io as a value';
  if (layers[above]?.[0] === 'domain' && below === above && folderOf(from) !== folderOf(to)) {
    return 'domain folders do not know each other';
  }
  return undefined;
}

function packageRule(from: string, to: string): string | undefined {
  if (to.startsWith('@aws-sdk/') && from !== 'src/exchange/sts.ts') return '@aws-sdk belongs in one file';
  if (to === 'unbash' && !/^src\/(shell|pipeline\/recipe)\//.test(from)) return 'unbash belongs elsewhere';
  if (to === 'yaml' && !/^src\/(pipeline|trust-policy|text)\//.test(from)) return 'yaml belongs elsewhere';
  if (/^(node:)?fs/.test(to) && layers[layerOf(from)]?.[0] !== 'outside') return 'files are behind io';
  return undefined;
}

function cycles(graph: Graph): readonly string[] {
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] => {
    if (trail.includes(path)) return [`cycle: ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}`];
    if (done.has(path)) return [];
    done.add(path);
    return (graph.get(path) ?? []).flatMap((next) => visit(next, [...trail, path]));
  };
  return [...graph.keys()].flatMap((path) => visit(path, []));
}

describe('the import rule', () => {
  let graph: Graph;
  beforeAll(async () => {
    graph = await importGraph(['src/job.ts', 'src/doctor.ts', 'src/main.ts']);
  });

  it('holds in the sources', () => {
    expect(graph.size).toBeGreaterThan(20);
    expect(violations(graph)).toEqual([]);
  });

  it('keeps the command line out of the payload', async () => {
    const payload = [...(await importGraph(['src/job.ts'])).values()].flat();
    expect(payload).toContain('@aws-sdk/client-sts');
    expect(payload).not.toContain('commander');
  });

  it.each([
    [
      'a domain folder that imports a command',
      'src/exchange/retry.ts',
      'src/commands/assume-role.ts',
      /it stands above/,
    ],
    [
      'a domain folder that imports another',
      'src/explain/a.ts',
      'src/exchange/retry.ts',
      /do not know each other/,
    ],
    ['a command that makes its own io', 'src/commands/a.ts', 'src/io.ts', /only entries use io/],
    ['errors that import something', 'src/errors.ts', 'src/io.ts', /it stands above/],
    ['a second file with the SDK', 'src/exchange/retry.ts', '@aws-sdk/client-sts', /belongs in one file/],
    ['yaml in a command', 'src/commands/a.ts', 'yaml', /yaml belongs elsewhere/],
    ['a domain folder that reads files', 'src/hand-off/dotenv.ts', 'node:fs', /files are behind io/],
    ['a file outside the house', 'src/helpers.ts', 'src/errors.ts', /belongs to no layer/],
  ])('fails for %s', (_, from, to, message) => {
    expect(violations(new Map([[from, [to]]]))).toEqual([expect.stringMatching(message)]);
  });

  it('fails for a cycle', () => {
    const graph: Graph = new Map([
      ['src/exchange/a.ts', ['src/exchange/b.ts']],
      ['src/exchange/b.ts', ['src/exchange/a.ts']],
    ]);
    expect(violations(graph)).toEqual(['cycle: src/exchange/a.ts → src/exchange/b.ts → src/exchange/a.ts']);
  });
});

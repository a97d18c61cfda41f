import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Bundle, bundle, type Program, programs, root } from './bundle.ts';
import { programsIn, withShell } from './compose-template.ts';
import { knownRegionsFile, knownRegionsSource } from './known-regions.ts';
import { licenseNotice } from './licenses.ts';
import { bundledPackages } from './packages.ts';
import { encodePayload } from './payload.ts';
import { billOfMaterials } from './sbom.ts';

/** The contents of every file that the build writes, by path from the root. */
export async function buildOutputs(): Promise<ReadonlyMap<string, Uint8Array>> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const bundles = new Map<Program, Bundle>();
  for (const program of Object.values(programs)) bundles.set(program, await bundle(program, version));
  const outputs = new Map<string, Uint8Array>();
  outputs.set(knownRegionsFile, Buffer.from(await knownRegionsSource()));
  for (const [{ file }, { code }] of bundles) outputs.set(file, code);
  const packages = bundledPackages([...bundles.values()].map(({ metafile }) => metafile));
  outputs.set('dist/LICENSES.md', Buffer.from(licenseNotice(packages)));
  const built = [...bundles].map(([{ file }, { code, metafile }]) => ({
    file,
    code,
    packages: bundledPackages([metafile]),
  }));
  outputs.set('dist/sbom.cdx.json', Buffer.from(billOfMaterials(version, built)));
  const payloads = new Map<string, string>();
  for (const [{ file }, { code }] of bundles) {
    // the command line is in no template
    if (file !== programs.commandLine.file) payloads.set(basename(file), await encodePayload(code));
  }
  for (const name of templates()) {
    outputs.set(`templates/${name}`, Buffer.from(heading + withShell(sourceOf(name), payloads)));
  }
  return outputs;
}

/** The source templates, without their shell and programs. */
const sources = 'src/templates';

export function templates(): readonly string[] {
  return readdirSync(join(root, sources)).filter((name) => name.endsWith('.yml'));
}

/** The files of the programs that a template carries; none if it is plain shell. */
export function programsOf(template: string): readonly string[] {
  return programsIn(sourceOf(template)).map((name) => `dist/${name}`);
}

function sourceOf(template: string): string {
  return readFileSync(join(root, sources, template), 'utf8');
}

const heading = `# Written by "npm run build" from ${sources}/; do not edit.\n`;

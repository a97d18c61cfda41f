import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Bundle, bundle, type Program, programs, root } from './bundle.ts';
import { licenseNotice } from './licenses.ts';
import { bundledPackages } from './packages.ts';
import { withPayload } from './payload.ts';
import { billOfMaterials } from './sbom.ts';

/** Every file that the build writes, with what belongs in it; paths from the root. */
export async function buildOutputs(): Promise<ReadonlyMap<string, Uint8Array>> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const bundles = new Map<Program, Bundle>();
  for (const program of Object.values(programs)) bundles.set(program, await bundle(program, version));
  const outputs = new Map<string, Uint8Array>();
  for (const [{ file }, { code }] of bundles) outputs.set(file, code);
  const packages = bundledPackages([...bundles.values()].map(({ metafile }) => metafile));
  outputs.set('dist/LICENSES.md', Buffer.from(licenseNotice(packages)));
  const built = [...bundles].map(([{ file }, { code, metafile }]) => ({
    file,
    code,
    packages: bundledPackages([metafile]),
  }));
  outputs.set('dist/sbom.cdx.json', Buffer.from(billOfMaterials(version, built)));
  for (const path of templatesWithPayload()) {
    const template = readFileSync(join(root, path), 'utf8');
    const program = programOf(path);
    const code = bundles.get(program)?.code ?? Buffer.alloc(0);
    outputs.set(path, Buffer.from(await withPayload(template, code, basename(program.file))));
  }
  return outputs;
}

/** Every other template must carry a program: one that lost its marks is an error, not an exception. */
const templatesOfShellAlone = ['web-identity.yml'];

export function templatesWithPayload(): readonly string[] {
  const files = readdirSync(join(root, 'templates')).filter((file) => !templatesOfShellAlone.includes(file));
  return files.map((file) => `templates/${file}`);
}

/** The program that a template carries. */
export function programOf(template: string): Program {
  return template === 'templates/diagnose.yml' ? programs.doctor : programs.payload;
}

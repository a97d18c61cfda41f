import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { root } from './bundle.ts';

/** A package of which code is in a bundle. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** SPDX's name. */
  readonly license: string;
  readonly licenseText: string;
}

/** The packages in some bundles, by name; esbuild's own account of what it put in. */
export function bundledPackages(metafiles: readonly Metafile[]): readonly Package[] {
  const inputs = metafiles.flatMap(({ outputs }) => Object.values(outputs).map((output) => output.inputs));
  const folders = new Set(inputs.flatMap((one) => Object.keys(one)).flatMap(packageFolder));
  return [...folders].sort().map(readPackage);
}

function packageFolder(input: string): readonly string[] {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.slice(0, 1) ?? [];
}

function readPackage(folder: string): Package {
  const path = join(root, folder);
  const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  const file = readdirSync(path).find((entry) => /^(licen[cs]e|copying)(\.|$)/i.test(entry));
  const text =
    file === undefined
      ? `${license}: the package carries no licence file`
      : readFileSync(join(path, file), 'utf8');
  return { name, version, license, licenseText: text.replaceAll('\r', '').trim() };
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { root } from './bundle.ts';

/** A package whose code is in a bundle. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** The SPDX identifier. */
  readonly license: string;
  readonly licenseText: string;
}

/** The packages in the bundles, sorted by name, as esbuild lists them. */
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
      ? `${license}: the package has no license file`
      : readFileSync(join(path, file), 'utf8');
  return { name, version, license, licenseText: text.replaceAll('\r', '').trim() };
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { root } from './bundle.ts';

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly text: string;
}

/** The notice that the licences of bundled packages ask for: each package, and each licence text once. */
export function licenseNotice(metafiles: readonly Metafile[]): string {
  const folders = new Set(
    metafiles.flatMap((metafile) => Object.keys(bundledInputs(metafile)).flatMap(packageFolder)),
  );
  const packages = [...folders].sort().map(readPackage);
  const lines = packages.map(({ name, version, license }) => `- ${name} ${version}, ${license}`);
  const texts = Map.groupBy(packages, ({ text }) => text);
  const sections = [...texts].map(([text, users]) => {
    const names = users.map(({ name }) => name).join(', ');
    return `## ${names}\n\n\`\`\`text\n${text}\n\`\`\`\n`;
  });
  return [
    '# Licences of what is bundled\n',
    'Written by `npm run build`. `dist/assume-role.mjs` and `dist/aws-oidc.mjs` hold code of these packages:\n',
    `${lines.join('\n')}\n`,
    ...sections,
  ].join('\n');
}

function bundledInputs(metafile: Metafile) {
  return Object.assign({}, ...Object.values(metafile.outputs).map(({ inputs }) => inputs)) as Record<
    string,
    unknown
  >;
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
  return { name, version, license, text: text.replaceAll('\r', '').trim() };
}

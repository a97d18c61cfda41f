import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle, programs, root } from './bundle.ts';
import { licenseNotice } from './licenses.ts';
import { withPayload } from './payload.ts';

/** Every file that the build writes, with what belongs in it; paths from the root. */
export async function buildOutputs(): Promise<ReadonlyMap<string, Uint8Array>> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const payload = await bundle(programs.payload, version);
  const commandLine = await bundle(programs.commandLine, version);
  const notice = licenseNotice([payload.metafile, commandLine.metafile]);
  const outputs = new Map<string, Uint8Array>([
    [programs.payload.file, payload.code],
    [programs.commandLine.file, commandLine.code],
    ['dist/LICENSES.md', Buffer.from(notice)],
  ]);
  for (const path of templatesWithPayload()) {
    const template = readFileSync(join(root, path), 'utf8');
    outputs.set(path, Buffer.from(withPayload(template, payload.code)));
  }
  return outputs;
}

/** Every other template must carry the program: one that lost its marks is an error, not an exception. */
const templatesOfShellAlone = ['web-identity.yml'];

export function templatesWithPayload(): readonly string[] {
  const files = readdirSync(join(root, 'templates')).filter((file) => !templatesOfShellAlone.includes(file));
  return files.map((file) => `templates/${file}`);
}

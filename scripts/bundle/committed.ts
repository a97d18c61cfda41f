import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { programsOf, templates } from './outputs.ts';
import { payloadsOf } from './payload.ts';

/** A statement about the committed files, and whether it is true. */
export type Check = readonly [text: string, passed: boolean];

/**
 * Compares the committed dist/ and templates/ with what the build writes.
 *
 * @param folder the project
 * @param outputs what the build writes, by path
 */
export function checkCommitted(folder: string, outputs: ReadonlyMap<string, Uint8Array>): readonly Check[] {
  const read = (path: string) =>
    existsSync(join(folder, path)) ? readFileSync(join(folder, path)) : Buffer.alloc(0);
  const checks: Check[] = [];
  for (const name of templates()) {
    const template = `templates/${name}`;
    const carried = payloadsIn(read(template).toString());
    const expected = programsOf(name);
    checks.push([`${template} carries no other program`, carried?.size === expected.length]);
    for (const file of expected) {
      const payload = carried?.get(basename(file));
      checks.push([`${template} carries ${file}`, payload !== undefined && read(file).equals(payload)]);
    }
  }
  for (const part of ['templates', 'dist']) {
    for (const name of readdirSync(join(folder, part))) {
      checks.push([`${part}/${name} has a source`, outputs.has(`${part}/${name}`)]);
    }
  }
  for (const [path, contents] of outputs) {
    checks.push([`${path} matches the sources`, read(path).equals(contents)]);
  }
  return checks;
}

function payloadsIn(template: string): ReadonlyMap<string, Uint8Array> | undefined {
  try {
    return payloadsOf(template);
  } catch {
    return undefined;
  }
}

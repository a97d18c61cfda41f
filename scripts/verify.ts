import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bundle/bundle.ts';
import { buildOutputs, programOf, templates } from './bundle/outputs.ts';
import { payloadOf } from './bundle/payload.ts';

/** Checks that the committed dist/ and templates/ match the committed sources; exits with 1 if they do not. */
const read = (path: string) =>
  existsSync(join(root, path)) ? readFileSync(join(root, path)) : Buffer.alloc(0);
const checks: (readonly [text: string, passed: boolean])[] = [];

for (const name of templates()) {
  const file = programOf(name)?.file;
  if (file !== undefined)
    checks.push([`templates/${name} carries ${file}`, carries(`templates/${name}`, file)]);
}
for (const name of readdirSync(join(root, 'templates'))) {
  checks.push([`templates/${name} has a source`, templates().includes(name)]);
}
try {
  const outputs = await buildOutputs();
  for (const name of readdirSync(join(root, 'dist'))) {
    checks.push([`dist/${name} has a source`, outputs.has(`dist/${name}`)]);
  }
  for (const [path, contents] of outputs) {
    checks.push([`${path} matches the sources`, read(path).equals(contents)]);
  }
} catch (error) {
  checks.push([`the sources can be built: ${(error as Error).message}`, false]);
}
for (const [text, passed] of checks) console.log(`${passed ? 'ok  ' : 'FAIL'} ${text}`);
if (checks.some(([, passed]) => !passed)) {
  console.error(
    '\nRun "npm run build" and commit the result. If you did not change the sources, find out who did.',
  );
  process.exitCode = 1;
}

function carries(template: string, program: string): boolean {
  try {
    return read(program).equals(payloadOf(read(template).toString()));
  } catch {
    return false;
  }
}

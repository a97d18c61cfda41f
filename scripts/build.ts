import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bundle/bundle.ts';
import { knownRegionsFile, knownRegionsSource } from './bundle/known-regions.ts';
import { buildOutputs } from './bundle/outputs.ts';

// a source file itself, so it is written before the programs are built from it
writeFileSync(join(root, knownRegionsFile), await knownRegionsSource());
for (const [path, contents] of await buildOutputs()) {
  writeFileSync(join(root, path), contents, { mode: path === 'dist/aws-oidc.mjs' ? 0o755 : 0o644 });
  console.log(`${path}  ${contents.length} bytes`);
}

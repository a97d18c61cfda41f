import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bundle/bundle.ts';
import { buildOutputs } from './bundle/outputs.ts';

for (const [path, contents] of await buildOutputs()) {
  writeFileSync(join(root, path), contents, { mode: path === 'dist/aws-oidc.mjs' ? 0o755 : 0o644 });
  console.log(`${path}  ${contents.length} bytes`);
}

import { join } from 'node:path';
import { build } from 'esbuild';

/** The program of a team's job, who-am-i.ts, as one file. */
export async function bundledWhoAmI(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'who-am-i.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
  });
  return outputFiles[0]?.text ?? '';
}

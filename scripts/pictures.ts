import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bundle/bundle.ts';
import { jobLogs } from './pictures/job-logs.ts';

/** Draws the job logs in the README from a real run. */
for (const [path, svg] of await jobLogs()) {
  writeFileSync(join(root, path), svg);
  console.log(path);
}

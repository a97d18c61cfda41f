import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One directory for all that the tests and what they start leave behind; it goes when they have ended. */
export function setup(): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'aws-oidc-tests-'));
  process.env.TMPDIR = directory;
  return () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
}

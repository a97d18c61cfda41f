import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Io, processIo } from '../../src/io.ts';

/** An Io whose environment and log are the test's own, with real files in a new directory. */
export interface FakeIo extends Io {
  readonly directory: string;
  /** Everything printed so far. */
  text(): string;
  /** Names of the files in the directory. */
  files(): readonly string[];
}

export function fakeIo(env: Readonly<Record<string, string | undefined>>): FakeIo {
  const directory = mkdtempSync(join(tmpdir(), 'aws-oidc-test-'));
  let text = '';
  const print = (more: string) => {
    text += more;
  };
  return {
    ...processIo(process.stdout),
    env: {
      AWS_OIDC_DOTENV: join(directory, 'aws-oidc.env'),
      AWS_OIDC_ANNOTATIONS: join(directory, 'annotations.json'),
      ...env,
    },
    out: print,
    log: print,
    colour: false,
    sections: false,
    directory,
    text: () => text,
    files: () => readdirSync(directory).sort(),
  };
}

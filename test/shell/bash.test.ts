import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { parseAllDocuments, visit } from 'yaml';
import { readScript } from '../../src/shell/script.ts';
import { pipelinesOfOthers } from '../support/pipelines-of-others.ts';

/** Every script of the pipelines that others wrote. */
function scripts(): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { files } of pipelinesOfOthers) {
    for (const [name, text] of Object.entries(files)) {
      if (!/\.ya?ml$/.test(name)) continue;
      const documents = parseAllDocuments(text, { logLevel: 'silent' });
      for (const document of Array.isArray(documents) ? documents : []) {
        visit(document, {
          Pair(_, { key, value }) {
            if (!/script$/.test(String(key))) return;
            visit(value as never, {
              Scalar(place, { value: script }) {
                if (place !== 'key' && typeof script === 'string') found.add(script);
              },
            });
          },
        });
      }
    }
  }
  return found;
}

it('accepts the scripts that bash accepts', () => {
  const all = scripts();
  expect(all.size).toBeGreaterThan(1500);
  for (const script of all) {
    const isScript = spawnSync('bash', ['-n'], { input: script }).status === 0;
    expect({ script, isScript: readScript(script) !== undefined }).toEqual({ script, isScript });
  }
}, 120_000);

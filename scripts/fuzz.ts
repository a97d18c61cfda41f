import fc from 'fast-check';
import { targets } from '../test/fuzz/targets.ts';
import { writeSection } from './docs-section.ts';

/**
 * Runs the fuzz targets as often as one likes: `npm run fuzz -- CASES SEED`. A run of a million cases or
 * more is recorded in docs/hostile-input.md.
 */
const cases = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
if (!Number.isInteger(cases) || cases < 1000 || !Number.isInteger(seed)) {
  console.error('npm run fuzz -- CASES SEED: at least 1000 cases; the seed repeats an earlier run');
  process.exit(2);
}

console.log(`${cases} cases, seed ${seed}`);
const rows: string[] = [];
for (const { name, share, property } of targets) {
  const numRuns = Math.round((cases * share) / 1000);
  const started = performance.now();
  await fc.assert(property(), { numRuns, seed });
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  rows.push(`| ${name} | ${numRuns.toLocaleString('en')} | ${seconds} | 0 |`);
  console.log(`${name}: ${numRuns} cases in ${seconds} s`);
}
if (cases >= 1_000_000) {
  const table = ['| | cases | seconds | failures |', '|---|---:|---:|---:|', ...rows].join('\n');
  const text = `Node ${process.version}, seed ${seed}.\n\n${table}`;
  writeSection({ page: 'docs/hostile-input.md', name: 'run', writer: 'npm run fuzz' }, text);
}

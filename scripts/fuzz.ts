import fc from 'fast-check';
import { targets } from '../test/fuzz/targets.ts';
import { writeSection } from './docs-section.ts';

/**
 * Runs the fuzz targets: `npm run fuzz -- CASES SEED`. A run of at least a million cases is recorded in
 * docs/reliability.md.
 */
const cases = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
if (!Number.isInteger(cases) || cases < 1000 || !Number.isInteger(seed)) {
  console.error(
    'Usage: npm run fuzz -- [CASES [SEED]], with at least 1000 cases. A seed repeats an earlier run.',
  );
  process.exit(2);
}

const inEnglish = (count: number) => count.toLocaleString('en');
const secondsSince = (started: number) => ((performance.now() - started) / 1000).toFixed(0);

console.log(`${inEnglish(cases)} cases, seed ${seed}`);
const rows: string[] = [];
const begun = performance.now();
for (const { name, rule, share, property } of targets) {
  const numRuns = Math.round((cases * share) / 1000);
  const started = performance.now();
  // throws on the first failure
  await fc.assert(property(), { numRuns, seed });
  rows.push(`| ${name} | ${rule} | ${inEnglish(numRuns)} |`);
  console.log(`${name}: ${inEnglish(numRuns)} cases in ${secondsSince(started)} s`);
}
if (cases >= 1_000_000) {
  const run = `Last run: ${inEnglish(cases)} cases in ${secondsSince(begun)} s, no failures (Node ${process.version}, seed ${seed}).`;
  const table = ['| target | result for every input | cases |', '|---|---|---:|', ...rows].join('\n');
  const section = { page: 'docs/reliability.md', name: 'hostile input', writer: 'npm run fuzz' };
  writeSection(section, `${run}\n\n${table}`);
}

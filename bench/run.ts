import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeSection } from '../scripts/docs-section.ts';
import { exchangePlot, exchangeTable, measureExchange } from './exchange.ts';
import { jobsPlot, jobsTable, measureJobs } from './jobs.ts';
import { loadPlot, loadTable, runLoad } from './load.ts';
import { startServerProcess } from './server-process.ts';

/**
 * Measures one exchange, pipelines of many jobs, and many exchanges at once; prints the tables and puts
 * them and the plots into docs/.
 */
const rounds = Number(process.argv[2] ?? 30);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error('npm run bench -- ROUNDS: how often each program makes an exchange, 30 if left out');
  process.exit(2);
}
const docs = join(import.meta.dirname, '../docs');

const server = await startServerProcess();
const exchange = measureExchange(server, rounds);
publish('exchange', 'Time of one exchange', exchangeTable(exchange, rounds), await exchangePlot(exchange));
const jobs = await measureJobs(server);
publish('jobs', 'CPU time of pipelines', jobsTable(jobs), await jobsPlot(jobs));
server.stop();

const load = { exchanges: 1000, processes: 8, requestsPerSecond: 100 };
const results = [await runLoad(load), await runLoad({ ...load, jitter: false })];
publish('load', 'Requests, attempts and waiting under load', loadTable(results), await loadPlot(results));
const failed = results[0]?.attempts.filter(({ succeeded }) => !succeeded).length;
if (failed !== 0) {
  console.error(`${failed} exchanges of the load failed`);
  process.exitCode = 1;
}

/** Into docs/performance.md, and beside it. */
function publish(part: string, caption: string, table: string, svg: string): void {
  console.log(`${table}\n`);
  const section = { page: 'docs/performance.md', name: part, writer: 'npm run bench' };
  writeSection(section, `${table}\n\n![${caption}](performance-${part}.svg)`);
  writeFileSync(join(docs, `performance-${part}.svg`), svg);
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '../sandbox/certificate.ts';
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

const directory = mkdtempSync(join(tmpdir(), 'aws-oidc-bench-'));
const certificate = await makeCertificate('127.0.0.1');
const ca = join(directory, 'ca.pem');
writeFileSync(ca, certificate.cert);
const secure = await startServerProcess({ certificate });
const https = measureExchange({ name: 'https', server: secure, env: { NODE_EXTRA_CA_CERTS: ca } }, rounds);
publish('https', exchangeTable(https, rounds));
secure.stop();
rmSync(directory, { recursive: true });

const server = await startServerProcess();
const exchange = measureExchange({ name: 'http', server, env: {} }, rounds);
publish('exchange', exchangeTable(exchange, rounds), 'Time of one exchange', await exchangePlot(exchange));
const jobs = await measureJobs(server);
publish('jobs', jobsTable(jobs), 'CPU time of pipelines', await jobsPlot(jobs));
server.stop();

const load = { exchanges: 1000, processes: 8, requestsPerSecond: 100 };
const results = [await runLoad(load), await runLoad({ ...load, jitter: false })];
publish('load', loadTable(results), 'Requests, attempts and waiting under load', await loadPlot(results));
const failed = results[0]?.attempts.filter(({ succeeded }) => !succeeded).length;
if (failed !== 0) {
  console.error(`${failed} exchanges of the load failed`);
  process.exitCode = 1;
}

/** Into docs/performance.md, with a plot beside it if there is one. */
function publish(part: string, table: string, caption?: string, svg?: string): void {
  console.log(`${table}\n`);
  const section = { page: 'docs/performance.md', name: part, writer: 'npm run bench' };
  const plot = svg === undefined ? '' : `\n\n![${caption}](performance-${part}.svg)`;
  writeSection(section, table + plot);
  if (svg !== undefined) writeFileSync(join(docs, `performance-${part}.svg`), svg);
}

import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { roles } from '../sandbox/sandbox.ts';
import { findAwsClis } from './aws-cli.ts';
import { baseline } from './baseline.ts';
import { exchangeScript, payloadBytes } from './job-script.ts';
import { type Contestant, type Environment, type Measured, measure, median } from './measure.ts';
import { plotSvg } from './plot.ts';
import type { ServerProcess } from './server-process.ts';

const root = join(import.meta.dirname, '..');
const node = process.execPath;
const baselineName = 'baseline: one POST, loaded by require';

/** Over which protocol STS is reached, with what must be in the environment for it. */
export interface Protocol {
  readonly name: 'http' | 'https';
  readonly server: ServerProcess;
  readonly env: Environment;
}

/** One exchange, by every program that can make one. */
export function measureExchange({ name, server, env }: Protocol, rounds: number): readonly Measured[] {
  const contestants = name === 'http' ? [...overHttp(), ...awsClis()] : overHttps();
  return measure(contestants, { ...environment(server), ...env }, rounds);
}

/** What a job has: its token, the role, and where STS is. */
export function environment(server: ServerProcess): Environment {
  return {
    PATH: `${dirname(node)}:${process.env.PATH}`,
    HOME: '/nonexistent',
    GITLAB_OIDC_TOKEN: server.token,
    AWS_OIDC_ROLE_ARN: roles.deploy,
    AWS_ENDPOINT_URL_STS: server.url,
    // the AWS CLI needs one
    AWS_DEFAULT_REGION: 'us-east-1',
  };
}

const nothing: Contestant = { name: 'node -e 0', command: node, args: ['-e', '0'] };

function overHttp(): readonly Contestant[] {
  return [
    nothing,
    { name: 'one POST, loaded by import', command: node, args: baseline.httpImport },
    { name: baselineName, command: node, args: baseline.httpRequire },
    ...ours(),
  ];
}

function overHttps(): readonly Contestant[] {
  return [nothing, { name: baselineName, command: node, args: baseline.httpsRequire }, ...ours()];
}

function ours(): readonly Contestant[] {
  const program = join(root, 'dist/assume-role.mjs');
  return [
    { name: 'dist/assume-role.mjs', command: node, args: [program], bytes: statSync(program).size },
    {
      name: 'the job’s script, unpacking included',
      command: 'sh',
      args: ['-e', '-c', exchangeScript],
      bytes: payloadBytes,
    },
  ];
}

function awsClis(): readonly Contestant[] {
  return findAwsClis().flatMap(({ file, version, bytes }): readonly Contestant[] => {
    const env = { PATH: `${dirname(file)}:${process.env.PATH}` };
    const recipe = (name: string) => ['-eu', join(root, 'bench/recipes', name)];
    return [
      {
        name: `AWS CLI ${version}, login script with --query`,
        command: 'sh',
        args: recipe('query.sh'),
        env,
        bytes,
      },
      { name: `AWS CLI ${version}, login script with jq`, command: 'sh', args: recipe('jq.sh'), env, bytes },
    ];
  });
}

/** @returns Markdown */
export function exchangeTable(measured: readonly Measured[], rounds: number): string {
  const base = measured.find(({ contestant }) => contestant.name === baselineName);
  const baseKib = base?.peakKib ?? 0;
  const rows = measured.map(({ contestant: { name, bytes }, wallMs, peakKib }) => {
    const ms = median(wallMs).toFixed(0);
    // round by round, so that what else the machine does meets both
    const ratio = median(wallMs.map((one, round) => one / (base?.wallMs[round] ?? Number.NaN))).toFixed(2);
    const mib = (peakKib / 1024).toFixed(1);
    const size = bytes === undefined ? '' : bytes.toLocaleString('en');
    return `| ${name} | ${ms} | ${Math.min(...wallMs).toFixed(0)} | ${ratio} | ${mib} | ${(peakKib / baseKib).toFixed(2)} | ${size} |`;
  });
  return [
    `Node ${process.version}, ${rounds} rounds, STS on the same machine.\n`,
    '| | median ms | fastest ms | ÷ baseline | peak MiB | ÷ baseline | bytes |',
    '|---|---:|---:|---:|---:|---:|---:|',
    ...rows,
  ].join('\n');
}

export function exchangePlot(measured: readonly Measured[]): Promise<string> {
  const values = measured.map(({ contestant, wallMs }) => ({
    name: contestant.name,
    ms: Math.round(median(wallMs)),
  }));
  const y = { field: 'name', type: 'nominal' as const, sort: null, title: null, axis: { labelLimit: 400 } };
  const x = { field: 'ms', type: 'quantitative' as const, title: 'median of one exchange, milliseconds' };
  return plotSvg({
    width: 460,
    data: { values },
    layer: [
      { mark: 'bar', encoding: { y, x } },
      {
        mark: { type: 'text', align: 'left', dx: 4 },
        encoding: { y, x, text: { field: 'ms', type: 'quantitative' } },
      },
    ],
  });
}

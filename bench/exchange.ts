import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { roles } from '../sandbox/sandbox.ts';
import { findAwsClis } from './aws-cli.ts';
import { floor } from './floor.ts';
import { exchangeScript, payloadBytes } from './job-script.ts';
import { type Contestant, type Environment, type Measured, measure, median } from './measure.ts';
import { plotSvg } from './plot.ts';
import type { ServerProcess } from './server-process.ts';

const root = join(import.meta.dirname, '..');
const node = process.execPath;
const floorName = 'bare POST with node:http (the floor)';

/** One exchange, by everybody who can make one. */
export function measureExchange(server: ServerProcess, rounds: number): readonly Measured[] {
  return measure(contestants(), environment(server), rounds);
}

/** What a job has: its token, the role, and where STS is. */
export function environment(server: ServerProcess): Environment {
  return {
    PATH: `${dirname(node)}:${process.env.PATH}`,
    HOME: '/nonexistent',
    GITLAB_OIDC_TOKEN: server.token,
    AWS_OIDC_ROLE_ARN: roles.deploy,
    AWS_ENDPOINT_URL_STS: server.url,
    // what the AWS CLI asks for
    AWS_DEFAULT_REGION: 'us-east-1',
  };
}

function contestants(): readonly Contestant[] {
  const program = join(root, 'dist/assume-role.mjs');
  return [
    { name: 'node -e 0', command: node, args: ['-e', '0'] },
    { name: floorName, command: node, args: floor.module },
    { name: 'the same POST, loaded by require', command: node, args: floor.require },
    { name: 'dist/assume-role.mjs', command: node, args: [program], bytes: statSync(program).size },
    {
      name: 'aws-oidc: the job’s script, unpacking included',
      command: 'sh',
      args: ['-e', '-c', exchangeScript],
      bytes: payloadBytes,
    },
    ...findAwsClis().flatMap(({ file, version, bytes }): readonly Contestant[] => {
      const env = { PATH: `${dirname(file)}:${process.env.PATH}` };
      const recipe = (name: string) => ['-eu', join(root, 'bench/recipes', name)];
      return [
        {
          name: `AWS CLI ${version}, recipe with --query`,
          command: 'sh',
          args: recipe('query.sh'),
          env,
          bytes,
        },
        { name: `AWS CLI ${version}, recipe with jq`, command: 'sh', args: recipe('jq.sh'), env, bytes },
      ];
    }),
  ];
}

/** @returns Markdown */
export function exchangeTable(measured: readonly Measured[], rounds: number): string {
  const floor = measured.find(({ contestant }) => contestant.name === floorName);
  const floorMs = median(floor?.wallMs ?? []);
  const floorKib = floor?.peakKib ?? 0;
  const rows = measured.map(({ contestant: { name, bytes }, wallMs, peakKib }) => {
    const ms = median(wallMs);
    const mib = (peakKib / 1024).toFixed(1);
    const size = bytes === undefined ? '' : bytes.toLocaleString('en');
    return `| ${name} | ${ms.toFixed(0)} | ${Math.min(...wallMs).toFixed(0)} | ${(ms / floorMs).toFixed(2)} | ${mib} | ${(peakKib / floorKib).toFixed(2)} | ${size} |`;
  });
  return [
    `Node ${process.version}, ${rounds} rounds, one STS on the same machine.\n`,
    '| | median ms | fastest ms | against the floor | peak MiB | against the floor | bytes |',
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

import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { peers } from '../support/moto.ts';
import { runTerraform } from './keep-alive/terraform-job.ts';

/** With AWS_OIDC_LONG_JOB=true the jobs are as long as in the field: 3 hours, in 3 minutes for each SDK. */
const long = process.env.AWS_OIDC_LONG_JOB === 'true';
const hours = long ? 3 : 0.5;
/** A session of 15 minutes is renewed after 7.5. */
const renewals = hours * 8;

const folder = join(import.meta.dirname, 'keep-alive');
const timeoutMs = 900_000;

const clients: readonly (readonly [name: string, command: readonly string[]])[] = [
  ['the AWS CLI', ['sh', join(folder, 'aws-cli.sh')]],
  ['boto3', ['python3', join(folder, 'boto3_client.py')]],
  ['the SDK for JavaScript', [process.execPath, join(folder, 'javascript-client.ts')]],
];

function report(name: string, result: object): void {
  process.stdout.write(`${name}: ${JSON.stringify(result)}\n`);
}

/** What job.ts prints. */
interface JobResult {
  readonly failure: string;
  readonly exchanges: number;
  readonly asked: number;
  readonly sessions: number;
  readonly refused: number;
}

describe(`a job of ${hours} hours with sessions of 15 minutes, in which a minute takes a second`, () => {
  it.concurrent.each(clients)(
    'never sees an expired session with %s',
    async (name, command) => {
      const arguments_ = [
        '-f',
        '+0 x60',
        process.execPath,
        join(folder, 'job.ts'),
        String(hours),
        ...command,
      ];
      const { stdout } = await promisify(execFile)('faketime', arguments_, {
        env: {
          PATH: `${peers}:${process.env.PATH}`,
          AWS_CONFIG_FILE: '/dev/null',
          PYTHONPATH: join(folder, 'python'),
          // timers and timeouts keep their real length
          DONT_FAKE_MONOTONIC: '1',
          // a second between two requests: in fake time for programs whose sleep is fake, too
          PAUSE: '60',
          REAL_PAUSE: '1',
        },
      });
      const result = JSON.parse(stdout) as JobResult;
      if (long) report(name, result);
      expect(result).toMatchObject({ failure: '', refused: 0 });
      expect(result.asked).toBeGreaterThan(renewals);
      expect(result.sessions).toBeGreaterThanOrEqual(renewals * 0.75);
      // the first exchange, and the renewals: not one for each request
      expect(result.exchanges).toBeLessThanOrEqual(renewals + 2);
    },
    timeoutMs,
  );
});

/** Go asks the kernel for the time, without a library that faketime could replace. */
const terraform = spawnSync('terraform', ['version'], { encoding: 'utf8' });
const reason = terraform.status === 0 ? '' : ' (skipped: terraform is not installed)';

describe.skipIf(terraform.status !== 0)(`Terraform, in real time${reason}`, () => {
  const cases = long
    ? [
        // it asks for each request, because the SDK for Go keeps nothing that ends in 5 minutes
        { sessionSeconds: 20, steps: 40, sessions: 12 },
        // it keeps a session for half a minute, then asks again, and goes on after the first has ended
        { sessionSeconds: 330, steps: 40, sessions: 3 },
      ]
    : [{ sessionSeconds: 10, steps: 4, sessions: 3 }];
  it.concurrent.each(cases)(
    'saves its state with $sessions or more sessions of $sessionSeconds seconds',
    async ({ sessions, ...job }) => {
      const result = await runTerraform(job);
      if (long) report('Terraform', { ...job, ...result });
      expect(result.refused).toBe(0);
      expect(result.sessions).toBeGreaterThanOrEqual(sessions);
    },
    timeoutMs,
  );
});

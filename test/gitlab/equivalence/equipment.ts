import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Issuer, startIssuer } from '../../../sandbox/issuer.ts';
import { peers, startMoto } from '../../support/moto.ts';
import { root } from '../../support/run-program.ts';
import { type StsLog, startStsLog } from './sts-log.ts';

/** The GitLab instance in the variables of the rig's jobs. */
export const instance = 'https://gitlab.com';

/** Everything that runs need, started once for all of them. */
export interface Equipment {
  readonly sts: StsLog;
  /** The name of the socket of the AWS CLI: see stubs/aws-server.py. */
  readonly aws: string;
  /** The Python that stubs run on. */
  readonly python: string;
  /** Where stubs/mint.py asks for ID tokens. */
  readonly mintPort: number;
  /** The variables that GitLab had before 17.0. */
  legacyTokens(): Promise<Readonly<Record<string, string>>>;
  stop(): Promise<void>;
}

/** @throws {Error} if the rig is missing, or the checkout is in a folder that runs cannot see */
export async function startEquipment(): Promise<Equipment> {
  if (!process.env.AWS_OIDC_GITLAB || peers === '')
    throw new Error('AWS_OIDC_GITLAB and AWS_OIDC_PEERS must be set.');
  if (root.startsWith('/tmp/')) throw new Error('Runs have a /tmp of their own, and this checkout is in it.');
  const [moto, issuer] = await Promise.all([startMoto(), startIssuer(instance)]);
  const sts = await startStsLog(moto.url);
  const aws = await startAwsServer(sts.url);
  const mint = await startMint(issuer);
  return {
    sts,
    aws: aws.name,
    python: realpathSync(join(peers, 'python3')),
    mintPort: mint.port,
    legacyTokens: () => legacyTokens(issuer),
    stop: async () => {
      aws.process.kill();
      mint.stop();
      sts.stop();
      moto.stop();
      await issuer.stop();
    },
  };
}

async function legacyTokens(issuer: Issuer): Promise<Readonly<Record<string, string>>> {
  const mint = (claims: Record<string, unknown>) => issuer.mint({ expiresInSeconds: 3600, claims });
  return {
    CI_JOB_JWT: await mint({ aud: undefined }),
    CI_JOB_JWT_V1: await mint({ aud: undefined }),
    CI_JOB_JWT_V2: await mint({ aud: instance }),
  };
}

async function startAwsServer(sts: string): Promise<{ name: string; process: ChildProcess }> {
  const name = `aws-oidc-${randomUUID()}`;
  const script = join(import.meta.dirname, '../stubs/aws-server.py');
  // an empty profile is a profile
  const { AWS_PROFILE: _, ...env } = process.env;
  const server = spawn(join(peers, 'python'), ['-B', script, name, sts], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    server.stdout.once('data', () => resolve());
    server.once('exit', () => reject(new Error('the server of the AWS CLI did not start')));
  });
  return { name, process: server };
}

async function startMint(issuer: Issuer) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    // the audience of a job's token, or several, as JSON
    createInterface({ input: socket }).once('line', async (line) => {
      const audience = [JSON.parse(line) as string | readonly string[]].flat().map(onInstance);
      socket.end(
        await issuer.mint({
          audience: audience.length === 1 ? audience[0] : audience,
          expiresInSeconds: 3600,
        }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, stop: () => server.close() };
}

/** Predefined variables of the instance and the project that an audience can contain. */
const predefined: Readonly<Record<string, string>> = {
  CI_SERVER_URL: instance,
  CI_SERVER_HOST: 'gitlab.com',
  CI_SERVER_FQDN: 'gitlab.com',
  CI_PROJECT_ID: '20',
  CI_PROJECT_NAME: 'app',
  CI_PROJECT_PATH: 'grp/app',
  CI_PROJECT_NAMESPACE: 'grp',
};

const onInstance = (audience: string) =>
  audience.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced, plain) => predefined[braced ?? plain] ?? '');

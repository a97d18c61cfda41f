import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

/** The folder of moto and of the AWS CLI; `npm run test:peers` and `npm run test:gitlab` install them. */
export const peers = process.env.AWS_OIDC_PEERS ?? '';

/** moto's server, used as AWS. */
export interface Moto {
  readonly url: string;
  /** Removes everything, and allows all requests again. */
  reset(): Promise<void>;
  /**
   * IAM policies decide about requests, except for STS's GetCallerIdentity.
   *
   * @param after this many requests are allowed before: AssumeRoleWithWebIdentity is not signed, which moto then refuses
   */
  enforcePolicies(after?: number): Promise<void>;
  stop(): void;
}

/** @throws {Error} if it does not respond within a minute */
export async function startMoto(env: Readonly<Record<string, string>> = {}): Promise<Moto> {
  const port = await freePort();
  const server = spawn(join(peers, 'moto_server'), ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
    // boto3, which moto uses, does not accept an empty profile
    env: { ...process.env, AWS_PROFILE: undefined, ...env },
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 600; tries++) {
    const answers = await fetch(`${url}/moto-api/`).then(
      () => true,
      () => false,
    );
    if (answers) return { url, ...control(url), stop: () => server.kill() };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  server.kill();
  throw new Error('moto did not start');
}

/** https://docs.getmoto.org/en/latest/docs/server_mode.html#reset-api */
function control(url: string): Pick<Moto, 'reset' | 'enforcePolicies'> {
  const post = async (path: string, body?: string) => {
    const answer = await fetch(`${url}/moto-api/${path}`, { method: 'POST', ...(body && { body }) });
    if (!answer.ok) throw new Error(`moto answered ${path} with ${answer.status}`);
  };
  return {
    reset: async () => {
      await post('reset-auth', 'Infinity');
      await post('reset');
    },
    enforcePolicies: (after = 0) => post('reset-auth', String(after)),
  };
}

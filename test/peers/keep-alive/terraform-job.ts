import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { roles, type Sandbox, startSandbox } from '../../../sandbox/sandbox.ts';
import { startMoto } from '../../support/moto.ts';
import { root } from '../../support/run-program.ts';

const run = promisify(execFile);

/** A run of Terraform, in real time. */
export interface TerraformJob {
  readonly sessionSeconds: number;
  /** Steps of 10 seconds each, one after the other. */
  readonly steps: number;
}

/** What S3 saw. */
export interface TerraformResult {
  readonly requests: number;
  readonly sessions: number;
  readonly refused: number;
  readonly exchanges: number;
}

/**
 * `terraform init` and `apply`, each with `exec --keep-alive`, with the state in moto's S3, which accepts only sessions
 * of the sandbox's STS that have not expired.
 */
export async function runTerraform({ sessionSeconds, steps }: TerraformJob): Promise<TerraformResult> {
  const [sandbox, moto] = await Promise.all([startSandbox(), startMoto()]);
  sandbox.sts.keys.maxSeconds = sessionSeconds;
  const s3 = await startGuard(sandbox, moto.url);
  try {
    await fetch(`${moto.url}/state`, { method: 'PUT', body: locationOf('eu-central-1') });
    const directory = mkdtempSync(join(tmpdir(), 'terraform-'));
    cpSync(join(import.meta.dirname, 'main.tf'), join(directory, 'main.tf'));
    const token = await sandbox.issuer.mint({ expiresInSeconds: 7200 });
    const terraform = (...args: readonly string[]) =>
      run(
        process.execPath,
        [join(root, 'dist/aws-oidc.mjs'), 'exec', '--keep-alive', '--role-arn', roles.deploy]
          .concat(['--region', 'eu-central-1', '--', 'terraform'])
          .concat(args),
        {
          cwd: directory,
          env: {
            PATH: process.env.PATH,
            GITLAB_OIDC_TOKEN: token,
            AWS_ENDPOINT_URL_STS: sandbox.sts.url,
            AWS_ENDPOINT_URL_S3: s3.url,
            CHECKPOINT_DISABLE: '1',
            TF_VAR_steps: String(steps),
          },
        },
      );
    await terraform('init', '-input=false', '-no-color');
    await terraform('apply', '-auto-approve', '-input=false', '-no-color', '-parallelism=1');
    const exchanges = sandbox.sts.requests.filter(({ action }) => action === 'AssumeRoleWithWebIdentity');
    return { ...s3.result(), exchanges: exchanges.length };
  } finally {
    s3.stop();
    moto.stop();
    await sandbox.stop();
  }
}

function locationOf(region: string): string {
  return `<CreateBucketConfiguration><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
}

/** A server in front of moto, which itself does not check sessions. */
async function startGuard(sandbox: Sandbox, target: string) {
  const seen: { readonly keyId: string; readonly valid: boolean }[] = [];
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    const [, keyId = ''] = /Credential=([^/]+)/.exec(request.headers.authorization ?? '') ?? [];
    const key = sandbox.sts.keys.issued.find(({ accessKeyId }) => accessKeyId === keyId);
    const isCurrent = key !== undefined && key.expiration > new Date();
    const valid = isCurrent && key.sessionToken === request.headers['x-amz-security-token'];
    seen.push({ keyId, valid });
    if (!valid) {
      response.writeHead(403).end('<Error><Code>ExpiredToken</Code></Error>');
      return;
    }
    const { method, headers, url } = request;
    const forwarded = send(`${target}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    request.pipe(forwarded);
  };
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    result: () => ({
      requests: seen.length,
      sessions: new Set(seen.map(({ keyId }) => keyId)).size,
      refused: seen.filter(({ valid }) => !valid).length,
    }),
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Fault } from './faults.ts';
import type { TokenOptions } from './issuer.ts';
import type { Sandbox } from './sandbox.ts';
import { stsErrors } from './sts-errors.ts';

export interface Control {
  readonly url: string;
  stop(): void;
}

/** Starts a server that issues tokens and plans faults for other programs. */
export async function startControl(sandbox: Sandbox): Promise<Control> {
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    try {
      if (url.pathname === '/token') {
        response.end(await sandbox.issuer.mint(tokenOptions(url.searchParams)));
      } else if (url.pathname === '/fault' && request.method === 'POST') {
        sandbox.sts.faults.plan(parseFault(await text(request)), Number(url.searchParams.get('times') ?? 1));
        response.end('planned\n');
      } else {
        response.writeHead(404).end('GET /token, POST /fault\n');
      }
    } catch (error) {
      response.writeHead(400).end(`${(error as Error).message}\n`);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => server.close(),
  };
}

function tokenOptions(query: URLSearchParams): TokenOptions {
  const job = {
    ...(query.has('project_path') && { projectPath: query.get('project_path') ?? '' }),
    ...(query.has('ref') && { ref: query.get('ref') ?? '' }),
    ...(query.get('ref_type') === 'tag' && { refType: 'tag' as const }),
    ...(query.has('environment') && { environment: query.get('environment') ?? '' }),
  };
  return {
    job,
    ...(query.has('aud') && {
      audience: query.getAll('aud').length > 1 ? query.getAll('aud') : (query.get('aud') ?? ''),
    }),
    ...(query.has('claims') && { claims: JSON.parse(query.get('claims') ?? '') }),
    ...(query.has('expires_in') && { expiresInSeconds: Number(query.get('expires_in')) }),
  };
}

const faultKinds: readonly Fault['kind'][] = [
  'delay',
  'reset',
  'status',
  'error',
  'truncate',
  'content-type',
  'drip',
  'garbage',
];

function parseFault(body: string): Fault {
  const fault = JSON.parse(body) as Fault;
  if (!faultKinds.includes(fault.kind)) throw new Error(`"kind" must be one of ${faultKinds.join(', ')}`);
  if (fault.kind === 'error' && !Object.hasOwn(stsErrors, fault.error)) {
    throw new Error(`"error" must be one of ${Object.keys(stsErrors).join(', ')}`);
  }
  return fault;
}

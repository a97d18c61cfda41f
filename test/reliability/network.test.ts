import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../sandbox/certificate.ts';
import type { Fault } from '../../sandbox/faults.ts';
import { type Issuer, startIssuer } from '../../sandbox/issuer.ts';
import { trustIssuer } from '../../sandbox/sandbox.ts';
import { type StsServer, startStsServer } from '../../sandbox/sts-server.ts';
import type { RetryLimits } from '../../src/network/retry.ts';
import { fakeIo } from '../support/fake-io.ts';
import { freePort } from '../support/free-port.ts';
import { expectSection, markdownTable } from '../support/generated-section.ts';
import { codesCell } from './cells.ts';
import { arrived, leaveBefore, leftovers, runHere, type Way, ways } from './ways.ts';

/** A deadline short enough for a test; the code is the same as with the program's own 60 s. */
const short: RetryLimits = { deadlineMs: 2500, attemptMs: 800, firstPauseMs: 20, maxPauseMs: 200 };

/** For runs that must not end at the deadline, even on a busy machine. */
const patient: RetryLimits = { ...short, deadlineMs: 60_000, attemptMs: 3000 };

/** Just more than the program reads, because every way receives it at every attempt. */
const twoMegabytes = `<AssumeRoleWithWebIdentityResponse>${'x'.repeat(2_000_000)}`;

/** Faults in responses, with the exit code if one request is affected and if the fault persists. */
const answers: readonly (readonly [name: string, fault: Fault, once: number, lasting: number])[] = [
  ['connection reset before the response', { kind: 'reset', when: 'before-answer' }, 0, 75],
  ['connection reset during the response', { kind: 'reset', when: 'during-answer' }, 0, 75],
  ['no response before the timeout', { kind: 'delay', ms: 5000 }, 0, 75],
  ['a response that never ends', { kind: 'drip' }, 0, 75],
  ['status 500', { kind: 'status', status: 500 }, 0, 75],
  ['status 503', { kind: 'status', status: 503 }, 0, 75],
  ['status 429', { kind: 'status', status: 429 }, 0, 75],
  ['`InternalFailure`', { kind: 'error', error: 'internalFailure' }, 0, 75],
  ['`ServiceUnavailable`', { kind: 'error', error: 'serviceUnavailable' }, 0, 75],
  ['`Throttling`', { kind: 'error', error: 'throttling' }, 0, 75],
  ['`Throttling` with `Retry-After: 0`', { kind: 'error', error: 'throttling', retryAfter: '0' }, 0, 75],
  [
    '`Throttling` with `Retry-After: 3600`',
    { kind: 'error', error: 'throttling', retryAfter: '3600' },
    75,
    75,
  ],
  ['a truncated response', { kind: 'truncate' }, 0, 75],
  ['a garbage response', { kind: 'garbage', body: '\0\u0001<html>' }, 0, 75],
  ['a response of 2 MB', { kind: 'garbage', body: twoMegabytes }, 0, 75],
  ['a redirect', { kind: 'status', status: 302, location: 'http://127.0.0.1:9/' }, 1, 1],
  ['an error page of a proxy, status 403', { kind: 'garbage', body: '<html>', status: 403 }, 1, 1],
  ['a valid response labeled `text/html`', { kind: 'content-type', contentType: 'text/html' }, 0, 0],
  ['`AccessDenied`', { kind: 'error', error: 'notAuthorized' }, 1, 1],
];

const page = 'docs/reliability.md';

let issuer: Issuer;
let token: string;
const servers: StsServer[] = [];

beforeAll(async () => {
  issuer = await startIssuer();
  token = await issuer.mint();
});
afterAll(() => Promise.all([issuer, ...servers].map((server) => server.stop())));

async function startSts(https = false): Promise<StsServer> {
  const sts = await startStsServer(https ? await makeCertificate() : undefined);
  trustIssuer(sts, { issuer: issuer.url });
  servers.push(sts);
  return sts;
}

interface Outcome {
  readonly exitCode: number;
  readonly wrong: readonly string[];
}

interface Circumstances {
  readonly env?: Readonly<Record<string, string>>;
  /** How many milliseconds the job's clock is fast. */
  readonly clockMs?: number;
}

/** Runs one way, and lists everything that it must not have done. */
async function outcome(
  way: Way,
  url: string,
  expected: number,
  { env, clockMs = 0 }: Circumstances = {},
): Promise<Outcome> {
  const io = {
    ...fakeIo({ GITLAB_OIDC_TOKEN: token, AWS_ENDPOINT_URL_STS: url, AWS_OIDC_ANNOTATIONS: '', ...env }),
    now: () => new Date(Date.now() + clockMs),
  };
  leaveBefore(way, io.directory);
  const limits = expected === 75 ? short : patient;
  const started = performance.now();
  const exitCode = await runHere(way, io, limits);
  const tookMs = performance.now() - started;
  const output = io.results();
  const log = io.text().replace(output, '');
  const secrets = [token, ...token.split('.'), /ASIA[A-Z0-9]{16}/.exec(output)?.[0]];
  const wrong = [
    ...(exitCode === 0 ? [] : leftovers(way, io.directory, output)),
    ...(exitCode === 0 && !arrived(way, io.directory, output) ? ['the credentials did not arrive'] : []),
    ...(secrets.some((secret) => secret !== undefined && log.includes(secret))
      ? ['a secret in the log']
      : []),
    // far more than the deadline, because other tests keep the machine busy
    ...(tookMs > limits.deadlineMs + 20_000 ? [`took ${tookMs} ms`] : []),
  ];
  return { exitCode, wrong };
}

/** The cells that the tests below found, by fault; the last test compares them with the documentation. */
const found = new Map<string, readonly string[]>();

/** Reading it takes so long that concurrent attempts would reach their time limit. */
const busy = 'a response of 2 MB';

describe.concurrent.each(answers.filter(([name]) => name !== busy))('%s', (name, fault, once, lasting) => {
  it(`ends with ${once} after one, with ${lasting} if it persists, in every way`, async ({ expect }) => {
    const outcomes = await Promise.all(
      ways.map(async (way) =>
        bothOf(way, await happening(way, fault, once), await happening(way, fault, lasting, 1000)),
      ),
    );
    expect(outcomes).toEqual(ways.map((way) => ({ way: way.name, codes: [once, lasting], wrong: [] })));
    found.set(name, cellsOf(outcomes));
  });
});

describe.each(answers.filter(([name]) => name === busy))('%s', (name, fault, once, lasting) => {
  it(`ends with ${once} after one, with ${lasting} if it persists, in every way`, async () => {
    const singles: Outcome[] = [];
    for (const way of ways) singles.push(await happening(way, fault, once));
    // concurrent, because every way waits for its deadline here
    const always = await Promise.all(ways.map((way) => happening(way, fault, lasting, 1000)));
    const outcomes = ways.map((way, index) =>
      bothOf(way, singles[index] as Outcome, always[index] as Outcome),
    );
    expect(outcomes).toEqual(ways.map((way) => ({ way: way.name, codes: [once, lasting], wrong: [] })));
    found.set(name, cellsOf(outcomes));
  });
});

/** A cell for one fault and one for a persistent fault. */
function cellsOf(outcomes: readonly { readonly way: string; readonly codes: readonly number[] }[]) {
  return [0, 1].map((index) =>
    codesCell(new Map(outcomes.map(({ way, codes }) => [way, codes[index] as number]))),
  );
}

/** Runs one way against an STS with that fault in the next `times` requests. */
async function happening(way: Way, fault: Fault, expected: number, times = 1): Promise<Outcome> {
  const sts = await startSts();
  sts.faults.plan(fault, times);
  const found = await outcome(way, sts.url, expected);
  await sts.stop();
  return found;
}

const bothOf = (way: Way, single: Outcome, always: Outcome) => ({
  way: way.name,
  codes: [single.exitCode, always.exitCode],
  wrong: [...single.wrong, ...always.wrong],
});

/** Faults before any response. */
const connections: readonly (readonly [name: string, url: () => Promise<string>, lasting: number])[] = [
  ['a host name that DNS does not resolve', async () => 'http://sts.invalid', 75],
  ['connection refused', async () => `http://127.0.0.1:${await freePort()}`, 75],
  [
    'connection closed immediately',
    () => rawServer((server) => server.on('connection', (socket) => socket.destroy())),
    75,
  ],
  ['connection accepted, then silence', () => rawServer((server) => server), 75],
  ['an untrusted certificate', async () => (await startSts(true)).url, 1],
  [
    'a server without TLS at an `https` address',
    async () => (await startSts()).url.replace('http:', 'https:'),
    1,
  ],
];

const rawServers: Server[] = [];
afterAll(() => {
  for (const server of rawServers) server.close();
});

async function rawServer(prepare: (server: Server) => Server): Promise<string> {
  const server = prepare(createServer());
  rawServers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

describe.concurrent.each(connections)('%s', (name, url, lasting) => {
  it(`ends with ${lasting}, in every way`, async ({ expect }) => {
    const address = await url();
    const outcomes = await Promise.all(
      ways.map(async (way) => ({ way: way.name, ...(await outcome(way, address, lasting)) })),
    );
    expect(outcomes).toEqual(ways.map((way) => ({ way: way.name, exitCode: lasting, wrong: [] })));
    found.set(name, [codesCell(new Map(outcomes.map(({ way, exitCode }) => [way, exitCode])))]);
  });
});

const tenMinutes = 600_000;

/** Wrong clocks: the job's, or that of the issuer. */
const clocks: readonly (readonly [
  name: string,
  circumstances: () => Promise<Circumstances>,
  code: number,
])[] = [
  ["the job's clock is 10 minutes slow", async () => ({ clockMs: -tenMinutes }), 0],
  [
    "the job's clock is 10 minutes fast, the token is valid for 5 minutes",
    async () => ({ clockMs: tenMinutes }),
    2,
  ],
  ["the issuer's clock is 10 minutes fast", () => tokenFrom(tenMinutes), 1],
  [
    "the issuer's clock is 10 minutes slow, the token is valid for 5 minutes",
    () => tokenFrom(-tenMinutes),
    2,
  ],
];

async function tokenFrom(offsetMs: number): Promise<Circumstances> {
  const now = Math.floor((Date.now() + offsetMs) / 1000);
  const text = await issuer.mint({ claims: { iat: now, nbf: now, exp: now + 300 } });
  return { env: { GITLAB_OIDC_TOKEN: text } };
}

describe.each(clocks)('%s', (name, circumstances, code) => {
  it(`ends with ${code}, in every way`, async () => {
    const { url } = await startSts();
    const given = await circumstances();
    const outcomes = await Promise.all(
      ways.map(async (way) => ({ way: way.name, ...(await outcome(way, url, code, given)) })),
    );
    expect(outcomes).toEqual(ways.map((way) => ({ way: way.name, exitCode: code, wrong: [] })));
    found.set(name, [codesCell(new Map(outcomes.map(({ way, exitCode }) => [way, exitCode])))]);
  });
});

describe('the documentation', () => {
  it.each([
    ['responses', ['fault', 'one request affected', 'fault persists'], answers],
    ['connections', ['fault', 'exit code'], connections],
    ['clocks', ['fault', 'exit code'], clocks],
  ] as const)('says what was found: %s', (section, head, faults) => {
    const rows = faults.map(([name]) => [name, ...(found.get(name) ?? ['not found'])]);
    expectSection(page, section, markdownTable(head, rows));
  });
});

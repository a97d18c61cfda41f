import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { checkChain, type Expectation, thumbprint } from '../../src/issuer/certificate-chain.ts';
import { servedChain } from '../../src/issuer/served-chain.ts';
import { listen } from '../support/byte-server.ts';
import { type Made, makeCertificate, parsed, serveChain } from '../support/certificates.ts';
import { freePort } from '../support/free-port.ts';

const root = makeCertificate({ name: 'Public Root', ca: true });
const intermediate = makeCertificate({ name: 'Intermediate', ca: true, issuer: root });
const server = makeCertificate({
  name: 'localhost',
  issuer: intermediate,
  hosts: 'DNS:localhost,IP:127.0.0.1',
});
const other = makeCertificate({
  name: 'elsewhere',
  issuer: intermediate,
  hosts: 'DNS:elsewhere.example.com',
});
const old = makeCertificate({
  name: 'localhost',
  issuer: intermediate,
  hosts: 'DNS:localhost',
  from: '20190101000000Z',
  until: '20200101000000Z',
});
const future = makeCertificate({
  name: 'localhost',
  issuer: intermediate,
  hosts: 'DNS:localhost',
  from: '20480101000000Z',
});
const oldIntermediate = makeCertificate({
  name: 'Old Intermediate',
  ca: true,
  issuer: root,
  from: '20190101000000Z',
  until: '20200101000000Z',
});
const belowOld = makeCertificate({ name: 'localhost', issuer: oldIntermediate, hosts: 'DNS:localhost' });
const selfSigned = makeCertificate({ name: 'localhost', hosts: 'DNS:localhost' });

const expected: Expectation = {
  host: 'localhost',
  now: new Date('2026-01-01T00:00:00Z'),
  publicRoots: [parsed(root)],
  privateRoots: [],
};

/** Serves a chain, reads it from the network, and returns the findings. */
async function look(chain: readonly [Made, ...Made[]], over: Partial<Expectation> = {}) {
  const [first, ...others] = chain;
  const listening = await serveChain(first, others);
  try {
    const seen = await servedChain('localhost', listening.port);
    expect(seen.map(({ fingerprint256 }) => fingerprint256)).toEqual(
      chain.map((one) => parsed(one).fingerprint256),
    );
    const checks = checkChain(seen, { ...expected, ...over });
    return checks
      .filter(({ status }) => status !== 'passed')
      .map(({ id, status, detail }) => `${status} ${id}: ${detail}`);
  } finally {
    await listening.stop();
  }
}

describe('a served chain', () => {
  it.each<[string, [Made, ...Made[]], Partial<Expectation>, readonly string[]]>([
    ['right', [server, intermediate], {}, []],
    ['right, asked by address', [server, intermediate], { host: '127.0.0.1' }, []],
    [
      'duplicate',
      [server, intermediate, intermediate],
      {},
      ['failed certificate-duplicates: "Intermediate" is sent twice.'],
    ],
    [
      'the server twice',
      [server, server, intermediate],
      {},
      ['failed certificate-duplicates: "localhost" is sent twice.'],
    ],
    [
      'extra root',
      [server, intermediate, root],
      {},
      ['failed certificate-root: The server also sends the root certificate "Public Root".'],
    ],
    [
      'wrong order',
      [server, root, intermediate],
      {},
      [
        'failed certificate-order: "localhost" is followed by "Public Root", which did not sign it.',
        'failed certificate-root: The server also sends the root certificate "Public Root".',
      ],
    ],
    [
      'missing intermediate',
      [server],
      {},
      [
        'failed certificate-authority: The certificate of "Intermediate", which signed "localhost", is missing.',
      ],
    ],
    [
      'expired',
      [old, intermediate],
      {},
      ['failed certificate-dates: "localhost" was valid until Jan  1 00:00:00 2020 GMT.'],
    ],
    [
      'not yet valid',
      [future, intermediate],
      {},
      ['failed certificate-dates: "localhost" is valid from Jan  1 00:00:00 2048 GMT.'],
    ],
    [
      'expired intermediate',
      [belowOld, oldIntermediate],
      {},
      ['failed certificate-dates: "Old Intermediate" was valid until Jan  1 00:00:00 2020 GMT.'],
    ],
    ['self-signed', [selfSigned], {}, ['unknown certificate-authority: The certificate is self-signed.']],
    [
      'wrong host',
      [other, intermediate],
      {},
      ['failed certificate-host: The certificate is valid for DNS:elsewhere.example.com, not for localhost.'],
    ],
    [
      'a private authority that this machine trusts',
      [server, intermediate],
      { publicRoots: [], privateRoots: [parsed(root)] },
      ['unknown certificate-authority: The chain leads to "Public Root", a private authority.'],
    ],
    [
      'a private authority that nobody trusts',
      [server, intermediate],
      { publicRoots: [] },
      ['unknown certificate-authority: The chain leads to "Public Root", which is not a public authority.'],
    ],
    [
      'an intermediate of another chain',
      [server, oldIntermediate],
      { now: new Date('2019-06-01T00:00:00Z') },
      expect.arrayContaining([expect.stringContaining('failed certificate-order')]),
    ],
  ])('%s', async (_, chain, over, findings) => {
    expect(await look(chain, over)).toEqual(findings);
  });

  it('has the thumbprint of its last certificate, as openssl prints it', () => {
    const print = execFileSync('openssl', ['x509', '-noout', '-fingerprint', '-sha1'], {
      input: intermediate.cert,
      encoding: 'utf8',
    });
    const [, hex = ''] = /=([0-9A-F:]+)/.exec(print) ?? [];
    expect(thumbprint([parsed(server), parsed(intermediate)])).toBe(hex.replaceAll(':', '').toLowerCase());
    const [, , , , , , last] = checkChain([parsed(server), parsed(intermediate)], expected);
    expect(last).toMatchObject({
      id: 'thumbprint',
      status: 'passed',
      detail: expect.stringContaining('of "Intermediate", the last of 2'),
    });
  });

  it('reports a missing chain', () => {
    expect(checkChain([], expected)).toMatchObject([{ id: 'certificate', status: 'failed' }]);
  });

  it('has a remedy for every finding', async () => {
    for (const check of checkChain([parsed(old), parsed(root)], { ...expected, host: 'x' })) {
      if (check.status !== 'passed') expect(check.remedy).toMatch(/\S/);
    }
  });
});

describe('servedChain', () => {
  it('fails with a code if no server listens', async () => {
    await expect(servedChain('localhost', await freePort())).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('fails with a code if the server supports only TLS 1.3', async () => {
    const listening = await serveChain(server, [intermediate], { minVersion: 'TLSv1.3' });
    await expect(servedChain('localhost', listening.port)).rejects.toMatchObject({
      code: expect.stringMatching(/ERR_SSL|EPROTO|ECONNRESET/),
    });
    await listening.stop();
  });

  it('aborts an endless handshake', async () => {
    // a client must skip a HelloRequest wherever it comes: https://www.rfc-editor.org/rfc/rfc5246#section-7.4.1.1
    const record = Buffer.concat([Buffer.from([22, 3, 3, 0x40, 0]), Buffer.alloc(0x4000)]);
    const endless = await listen((socket) => {
      const write = () => {
        while (socket.writable && socket.write(record));
      };
      socket.on('drain', write).once('data', write);
    });
    await expect(servedChain('127.0.0.1', endless.port)).rejects.toMatchObject({ code: 'EMSGSIZE' });
    endless.stop();
  });
});

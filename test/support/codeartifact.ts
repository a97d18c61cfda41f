import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** CodeArtifact: gives out a token, and demands it for the packages of each package manager. */
export interface CodeArtifact {
  readonly host: string;
  readonly token: string;
  /** Requests for packages, with the package manager's way to send the token. */
  readonly requests: readonly string[];
  stop(): void;
}

export async function startCodeArtifact(): Promise<CodeArtifact> {
  // as long as a real one
  const token = `eyJ${randomBytes(900).toString('base64url')}`;
  const accepted: Readonly<Record<string, string>> = {
    [`Bearer ${token}`]: 'Bearer',
    [`Basic ${Buffer.from(`aws:${token}`).toString('base64')}`]: 'Basic',
  };
  const requests: string[] = [];
  const files = new Map<string, () => string | Buffer>();
  const server = createServer(({ url = '', headers }, response) => {
    if (url.startsWith('/v1/authorization-token?domain=acme')) {
      const isSigned = /Credential=ASIA\w+\/\d{8}\/eu-central-1\/codeartifact\//.test(
        `${headers.authorization}`,
      );
      const expiration = Math.floor(Date.now() / 1000) + 3600;
      return response
        .writeHead(isSigned ? 200 : 403)
        .end(JSON.stringify({ authorizationToken: token, expiration }));
    }
    const scheme = accepted[headers.authorization ?? ''];
    if (scheme === undefined) return response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    requests.push(`${scheme} ${url}`);
    const file = files.get(url);
    // pip accepts no page without a type
    const type = { 'content-type': url.endsWith('/') ? 'text/html' : 'application/octet-stream' };
    return response.writeHead(file === undefined ? 404 : 200, type).end(file?.());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const [path, text] of packages(`http://${host}`)) files.set(path, () => text);
  return { host, token, requests, stop: () => server.close() };
}

/** One package for each package manager. */
function packages(base: string): readonly (readonly [path: string, content: string | Buffer])[] {
  const folder = mkdtempSync(join(tmpdir(), 'packages-'));
  mkdirSync(join(folder, 'package'));
  const manifest = { name: 'left-pad', version: '1.0.0' };
  writeFileSync(join(folder, 'package/package.json'), JSON.stringify(manifest));
  execFileSync('tar', ['-czf', 'npm.tgz', 'package'], { cwd: folder });
  const wheel = 'left_pad-1.0.0-py3-none-any.whl';
  execFileSync('python3', ['-c', makeWheel, wheel], { cwd: folder });
  const dist = { tarball: `${base}/npm/shop/left-pad/-/left-pad-1.0.0.tgz` };
  const metadata = {
    name: 'left-pad',
    'dist-tags': { latest: '1.0.0' },
    versions: { '1.0.0': { ...manifest, dist } },
  };
  const parent =
    '<project><modelVersion>4.0.0</modelVersion><groupId>com.acme</groupId><artifactId>parent</artifactId><version>1</version><packaging>pom</packaging></project>';
  return [
    ['/npm/shop/left-pad', JSON.stringify(metadata)],
    ['/npm/shop/left-pad/-/left-pad-1.0.0.tgz', readFileSync(join(folder, 'npm.tgz'))],
    ['/pypi/shop/simple/left-pad/', `<a href="../../${wheel}">${wheel}</a>`],
    [`/pypi/shop/${wheel}`, readFileSync(join(folder, wheel))],
    ['/maven/shop/com/acme/parent/1/parent-1.pom', parent],
  ];
}

const makeWheel = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    info = "left_pad-1.0.0.dist-info/"
    wheel.writestr("left_pad.py", "")
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: left-pad\\nVersion: 1.0.0\\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(info + "RECORD", "")
`;

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A container image with one file, tagged `1`, in a directory.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export function makeImageLayout(): string {
  const directory = mkdtempSync(join(tmpdir(), 'image-'));
  const blobs = join(directory, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  const blob = (kind: string, content: Uint8Array | object) => {
    const bytes = content instanceof Uint8Array ? content : Buffer.from(JSON.stringify(content));
    const digest = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(blobs, digest), bytes);
    return { mediaType: `application/vnd.oci.image.${kind}`, digest: `sha256:${digest}`, size: bytes.length };
  };
  writeFileSync(join(directory, 'hello'), 'hello\n');
  const layer = blob('layer.v1.tar', execFileSync('tar', ['-C', directory, '-c', 'hello']));
  const rootfs = { type: 'layers', diff_ids: [layer.digest] };
  const config = blob('config.v1+json', { architecture: 'amd64', os: 'linux', rootfs });
  const manifest = blob('manifest.v1+json', { schemaVersion: 2, config, layers: [layer] });
  const tagged = { ...manifest, annotations: { 'org.opencontainers.image.ref.name': '1' } };
  writeFileSync(join(directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [tagged] }));
  writeFileSync(join(directory, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  return directory;
}

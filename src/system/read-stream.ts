import { createReadStream } from 'node:fs';

/** Reads a file of any size in pieces; `-` is standard input. The first read rejects if it cannot be opened. */
export function readStream(path: string): AsyncIterable<Uint8Array> {
  return path === '-' ? process.stdin : createReadStream(path, { highWaterMark: 1024 * 1024 });
}

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isRunning, watchedProcess } from '../../src/system/watched-process.ts';

const hasProc = existsSync('/proc/self/stat');

describe('a watched process', () => {
  it('runs until it ends', async () => {
    const child = spawn('sleep', ['60']);
    const watched = watchedProcess(child.pid ?? 0);
    expect(isRunning(watched)).toBe(true);
    const ended = new Promise((resolve) => child.on('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    expect(isRunning(watched)).toBe(false);
  });

  it.skipIf(!hasProc)('is not another one with the same ID', () => {
    const own = watchedProcess(process.pid);
    expect(isRunning(own)).toBe(true);
    expect(isRunning({ ...own, started: '1' })).toBe(false);
  });

  it.skipIf(!hasProc)('has ended even if its parent does not collect it', async () => {
    // the shell becomes a "sleep", which never waits for its child
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60']);
    const pid = await new Promise<number>((resolve) =>
      parent.stdout.once('data', (text) => resolve(Number(text))),
    );
    const watched = watchedProcess(pid);
    expect(isRunning(watched)).toBe(true);
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => isRunning(watched)).toBe(false);
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    parent.kill();
  });

  it('is found by its ID where its start is not known', () => {
    expect(isRunning({ pid: process.pid })).toBe(true);
    expect(isRunning({ pid: 2 ** 30 })).toBe(false);
  });
});

import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Consumer } from './catalog.ts';

const gitlabCiLocal = join(import.meta.dirname, '../node_modules/gitlab-ci-local/dist/index.js');

/** The result of a pipeline. */
export interface PipelineRun {
  readonly exitCode: number;
  /** Standard output and standard error, in the order of arrival. */
  readonly log: string;
}

export interface PipelineOptions {
  readonly colour?: boolean;
  readonly onOutput?: (text: string) => void;
  /** Ends the pipeline and every process that it started. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a consumer's pipeline with gitlab-ci-local, on this machine without containers. The environment is
 * cleared first, so that this machine's AWS settings have no effect.
 */
export function runPipeline(consumer: Consumer, options: PipelineOptions = {}): Promise<PipelineRun> {
  const colour = options.colour ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' };
  const TMPDIR = mkdtempSync(join(consumer.directory, '..', 'tmp-'));
  const child = spawn(process.execPath, [gitlabCiLocal, '--force-shell-executor'], {
    cwd: consumer.directory,
    env: { PATH: process.env.PATH, HOME: consumer.directory, TMPDIR, ...colour, ...consumer.gitEnvironment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // a separate process group, so that a signal ends every process in it
    detached: true,
  });
  options.signal?.addEventListener('abort', () => endGroup(child.pid));
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      options.onOutput?.(text);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (options.signal?.aborted) reject(options.signal.reason);
      else resolve({ exitCode: code ?? 1, log });
    });
  });
}

function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, 'SIGTERM');
  } catch {
    // it has already ended
  }
}

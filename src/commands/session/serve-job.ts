import type { Session } from '../../hand-off/session.ts';
import { defaultRetryLimits, type RetryLimits } from '../../network/retry.ts';
import type { Io } from '../../system/io.ts';
import type { WatchedProcess } from '../../system/watched-process.ts';
import { optionsFrom } from '../input/session-input.ts';
import { keepAlive } from './keep-alive.ts';

/** What the server needs to know. */
export interface ServerMessage {
  readonly session: Omit<Session, 'expiration'> & { readonly expiration: string };
  readonly shell: WatchedProcess;
}

/** What the server uses of its surroundings. */
export interface ServerIo extends Io {
  readonly readStarter: () => Promise<string>;
  readonly answerStarter: (answer: string) => Promise<void>;
  readonly isRunning: (process: WatchedProcess) => boolean;
}

const watchMs = 1000;
/** For this long after the end of the ID token and of the session, the server tells clients why, in milliseconds. */
const explanationMs = 15 * 60_000;

/**
 * The server that `sameJobCommand` starts. It ends within about a second after the job's shell.
 */
export async function serveJob(io: ServerIo, limits: RetryLimits = defaultRetryLimits): Promise<void> {
  const { session, shell } = JSON.parse(await io.readStarter()) as ServerMessage;
  const flags = { inputs: {} };
  const first = {
    session: { ...session, expiration: new Date(session.expiration) },
    options: await optionsFrom(io, flags),
  };
  const kept = await keepAlive(io, flags, first, limits);
  await io.answerStarter(JSON.stringify(kept.endpoint));
  await new Promise<void>((resolve) => {
    let overSince: number | undefined;
    const timer = setInterval(() => {
      const now = io.now().getTime();
      overSince = kept.isOver() ? (overSince ?? now) : undefined;
      const isExplained = overSince !== undefined && now - overSince > explanationMs;
      if (io.isRunning(shell) && !isExplained) return;
      clearInterval(timer);
      resolve();
    }, watchMs);
  });
  kept.stop();
}

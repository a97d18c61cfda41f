import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';

type Environment = Readonly<Record<string, string | undefined>>;

const forwardedSignals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

/**
 * Runs a command in this process's place: same input and output, signals passed on.
 *
 * @returns its exit code; 128 and the signal's number where a signal ended it, as shells say it; 127
 *   where there is no such command, 126 where it cannot be run
 */
export function runChild(command: string, args: readonly string[], env: Environment): Promise<number> {
  let child: ChildProcess | undefined;
  // before the child is there: a signal in between would end this process alone
  const listeners = forwardedSignals.map((signal) => {
    const forward = () => {
      // a terminal gives Ctrl-C to the child as well
      if (!(signal === 'SIGINT' && process.stdin.isTTY)) child?.kill(signal);
    };
    process.on(signal, forward);
    return () => process.off(signal, forward);
  });
  const started = spawn(command, args, { env, stdio: 'inherit' });
  child = started;
  return new Promise<number>((resolve) => {
    started.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ENOENT' ? 127 : 126));
    started.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
  }).finally(() => {
    for (const stop of listeners) stop();
  });
}

import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';

type Environment = Readonly<Record<string, string | undefined>>;

const forwardedSignals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

/**
 * Runs a command with the input and output of this process, and forwards signals to it.
 *
 * @returns its exit code, by the rules of shells: 128 plus the signal's number if a signal ended it, 127
 *   if the command does not exist, 126 if it cannot be run
 */
export function runChild(command: string, args: readonly string[], env: Environment): Promise<number> {
  let child: ChildProcess | undefined;
  // before the child exists: a signal in between would end only this process
  const listeners = forwardedSignals.map((signal) => {
    const forward = () => {
      // a terminal sends Ctrl-C to the child as well
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

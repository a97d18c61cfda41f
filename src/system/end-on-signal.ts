import { constants } from 'node:os';

/**
 * Ends the program on a signal, but never in the middle of writing a file: files are complete, and no
 * partial file is left. The exit code is 128 plus the signal's number, as in shells.
 */
export function endOnSignal(): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
}

import { constants } from 'node:os';

/**
 * Lets a signal end the program between two steps, not in the middle of writing a file: what is being
 * written is whole, and nothing else is left. The exit code is what shells say of a signal.
 */
export function endOnSignal(): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
}

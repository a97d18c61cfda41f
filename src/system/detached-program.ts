import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { AwsOidcError } from '../errors.ts';

const answerMs = 10_000;

/**
 * Starts this program again, with other arguments, as a process that goes on when this one has ended. It has this
 * one's environment, but none of its input and output: whoever waits for them to be closed does not wait for it.
 *
 * @param message what the new process reads from its standard input; unlike arguments, others cannot see it
 * @returns what it writes to its standard output, which it must close
 * @throws {AwsOidcError} `HAND_OFF_FAILED` if it ends, or does not answer within 10 seconds
 */
export async function startDetached(args: readonly string[], message: string): Promise<string> {
  const program = process.argv[1] ?? '';
  const child = spawn(process.execPath, [...process.execArgv, program, ...args], {
    detached: true,
    windowsHide: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, answerMs);
  try {
    const failed = new Promise<never>((_, reject) => child.once('error', reject));
    // it may have ended already
    child.stdin.on('error', () => {});
    child.stdin.end(message);
    const answer = await Promise.race([text(child.stdout), failed]);
    if (answer === '' || isLate) throw new Error('no answer');
    return answer;
  } catch (cause) {
    throw new AwsOidcError('HAND_OFF_FAILED', 'The process that serves the credentials did not start', {
      cause,
      hint: 'The job may have reached its limit of memory or processes.',
    });
  } finally {
    clearTimeout(timer);
    child.unref();
  }
}

/** The other side: what the process that started this one has to say. */
export function readStarter(): Promise<string> {
  return text(process.stdin);
}

/** The answer to the process that started this one, which then ends. */
export function answerStarter(answer: string): Promise<void> {
  return new Promise((resolve) => process.stdout.end(answer, () => resolve()));
}

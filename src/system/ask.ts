import { createInterface } from 'node:readline/promises';

/**
 * Asks a question on the terminal.
 *
 * @returns the answer without spaces around it; undefined if standard input or standard error is no terminal, or the
 *   input ends
 */
export async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  // standard output is for results
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // as if no program handled it
  terminal.once('SIGINT', () => {
    terminal.close();
    process.stderr.write('\n');
    process.exit(130);
  });
  const ended = new Promise<undefined>((resolve) => terminal.once('close', () => resolve(undefined)));
  try {
    const answer = await Promise.race([terminal.question(question), ended]);
    return answer?.trim();
  } finally {
    terminal.close();
  }
}

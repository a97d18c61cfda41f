import { createTwoFilesPatch } from 'diff';
import { printable } from './printable.ts';

/** A text before and after a change. */
export interface TextChange {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

const maxLineLength = 10_000;

/** The lines of a unified diff, safe to print and with ANSI colors if wanted. */
export function formatDiff({ path, before, after }: TextChange, colour: boolean): readonly string[] {
  const patch = createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, {
    context: 3,
  });
  // the first line consists of equal signs
  const lines = patch.split('\n').slice(1);
  return lines
    .filter((line) => line !== '')
    .map((line) => coloured(printable(line.replace(/\r$/, ''), maxLineLength), colour));
}

function coloured(line: string, colour: boolean): string {
  const code = /^(---|\+\+\+)/.test(line) ? 1 : { '+': 32, '-': 31, '@': 36 }[line[0] ?? ''];
  return colour && code !== undefined ? `\u001b[${code}m${line}\u001b[0m` : line;
}

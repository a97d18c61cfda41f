import { lineStart } from '../text/place.ts';

/** A change of a text. Offsets refer to the original text; the rest is kept byte for byte. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** @throws {Error} if two edits overlap, which is a bug in the caller */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const sorted = edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
  let result = '';
  let at = 0;
  for (const edit of sorted) {
    if (edit.start < at) throw new Error(`edits overlap at ${edit.start}`);
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

/** The offset in the original text for one in the edited text; inside an insertion, the start of the edit. */
export function offsetBefore(edits: readonly Edit[], offset: number): number {
  let shift = 0;
  for (const { start, end, text } of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (offset < start + shift) break;
    if (offset < start + shift + text.length) return start;
    shift += text.length - (end - start);
  }
  return offset - shift;
}

/** The start of the comments directly above a line, with the same indentation; without any, of the line itself. */
export function aboveComments(text: string, line: number, indent: string): number {
  let at = line;
  while (at > 0) {
    const previous = lineStart(text, at - 1);
    if (!text.startsWith(`${indent}#`, previous)) break;
    at = previous;
  }
  return at;
}

import { lineStart } from '../text/place.ts';

/** A change of a text, at places of the text as it was: everything else stays byte for byte. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** @throws {Error} where two edits overlap, which is a bug of whoever made them */
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

/** Where an offset of the edited text was before; for what an edit put in, where that edit began. */
export function offsetBefore(edits: readonly Edit[], offset: number): number {
  let shift = 0;
  for (const { start, end, text } of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (offset < start + shift) break;
    if (offset < start + shift + text.length) return start;
    shift += text.length - (end - start);
  }
  return offset - shift;
}

/** The beginning of the comments that stand right above a line with the same indentation, or the line's own. */
export function aboveComments(text: string, line: number, indent: string): number {
  let at = line;
  while (at > 0) {
    const previous = lineStart(text, at - 1);
    if (!text.startsWith(`${indent}#`, previous)) break;
    at = previous;
  }
  return at;
}

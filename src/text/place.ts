/** A position in a text; lines and columns start at 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Returns a function that finds the line and column of an offset. */
export function placeFinder(text: string): (offset: number) => Place {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}

/** The offset at which the line of an offset begins. */
export function lineStart(text: string, offset: number): number {
  // lastIndexOf treats a negative position as 0
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

const maxQuotedLength = 100;

/** The line of an offset, cut if it is long, and a caret below the column. */
export function quoteLine(text: string, offset: number): readonly [line: string, caret: string] {
  const start = lineStart(text, offset);
  const end = text.indexOf('\n', offset);
  const from = Math.max(start, offset - maxQuotedLength / 2);
  const line = text.slice(from, Math.min(end < 0 ? text.length : end, from + maxQuotedLength));
  return [line.replace(/\s/g, ' '), `${' '.repeat(offset - from)}^`];
}

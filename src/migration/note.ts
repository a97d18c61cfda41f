/** Something that the migration cannot change or cannot read, at a place in a file. */
export interface Note {
  /** `left`: a legacy use that remains. `unseen`: a file that was not read. `advice`: for information. */
  readonly kind: 'left' | 'unseen' | 'advice';
  readonly file: string;
  /** Offset in the file's text, from 0. */
  readonly offset: number;
  readonly message: string;
  readonly remedy: string;
}

/** A note about a legacy use that remains. */
export function left(
  file: { readonly path: string },
  node: { readonly range?: readonly number[] | null | undefined },
  message: string,
  remedy: string,
): Note {
  return { kind: 'left', file: file.path, offset: node.range?.[0] ?? 0, message, remedy };
}

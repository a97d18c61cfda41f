/** Something that the migration cannot do, or cannot see, at a place of a file. */
export interface Note {
  /** `left`: a legacy use that is still there. `unseen`: a file that was not looked at. `advice`: worth knowing. */
  readonly kind: 'left' | 'unseen' | 'advice';
  readonly file: string;
  /** Counts from 0; in the text of the file. */
  readonly offset: number;
  readonly message: string;
  readonly remedy: string;
}

/** A legacy use that stays. */
export function left(
  file: { readonly path: string },
  node: { readonly range?: readonly number[] | null | undefined },
  message: string,
  remedy: string,
): Note {
  return { kind: 'left', file: file.path, offset: node.range?.[0] ?? 0, message, remedy };
}

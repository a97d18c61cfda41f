/** A value of a document, with its offset in the text; `opaque` is a value that only a deployment knows. */
export type Source =
  | { readonly kind: 'object'; readonly entries: readonly Entry[]; readonly offset: number }
  | { readonly kind: 'array'; readonly items: readonly Source[]; readonly offset: number }
  | {
      readonly kind: 'scalar';
      readonly value: string | number | boolean | null;
      readonly offset: number;
    }
  | { readonly kind: 'opaque'; readonly text: string; readonly offset: number };

export interface Entry {
  readonly key: string;
  readonly offset: number;
  readonly value: Source;
}

/** An error and its offset. */
export interface SourceProblem {
  readonly message: string;
  readonly offset: number;
}

/** The value of a key, or the last one if the key occurs twice; undefined if the source is not an object. */
export function member(source: Source | undefined, key: string): Source | undefined {
  if (source?.kind !== 'object') return undefined;
  return source.entries.findLast((entry) => entry.key === key)?.value;
}

/** The items of a list; a single value becomes a list of one. */
export function itemsOf(source: Source | undefined): readonly Source[] {
  if (source === undefined) return [];
  return source.kind === 'array' ? source.items : [source];
}

/** A scalar or a computed value as text; undefined for lists and objects. */
export function textOf(source: Source | undefined): string | undefined {
  if (source?.kind === 'opaque') return source.text;
  return source?.kind === 'scalar' && source.value !== null ? String(source.value) : undefined;
}

import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseAllDocuments } from 'yaml';
import { targetOf } from '../text/aliases.ts';
import { TextError } from '../text/text-error.ts';
import type { Entry, Source } from './source.ts';

/** Limits the nodes that aliases can add; a template of the maximum size stays below this. */
const maxNodes = 150_000;
/** The same as for JSON; also stops an alias that contains itself. */
const maxDepth = 200;

/**
 * Reads YAML with the offset of each value. CloudFormation's short tags are expanded:
 * `!Sub text` becomes `{"Fn::Sub": "text"}`.
 *
 * @throws {TextError} if the text is not YAML, has several documents, or exceeds the limits
 */
export function readYaml(text: string): Source {
  const documents = parse(text);
  const [document] = documents;
  if (document === undefined) throw new TextError('invalid YAML: the text is empty', 0);
  if (documents.length > 1) throw new TextError('more than one YAML document', documents[1]?.range[0] ?? 0);
  const [error] = document.errors;
  if (error !== undefined) throw new TextError(`invalid YAML: ${firstLine(error.message)}`, error.pos[0]);
  return new Converter(document).convert(document.contents);
}

function parse(text: string): readonly Document.Parsed[] {
  try {
    const documents = parseAllDocuments(text, { prettyErrors: false, merge: true });
    return Array.isArray(documents) ? documents : [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new TextError('nested too deeply', 0);
  }
}

class Converter {
  readonly #document: Document.Parsed;
  #nodes = 0;
  #depth = 0;

  constructor(document: Document.Parsed) {
    this.#document = document;
  }

  convert(node: unknown): Source {
    const { range, tag } = node as Node;
    const offset = range?.[0] ?? 0;
    if (++this.#depth > maxDepth) throw new TextError('nested too deeply', offset);
    try {
      return this.#tagged(node, tag, offset);
    } finally {
      this.#depth--;
    }
  }

  #tagged(node: unknown, tag: string | undefined, offset: number): Source {
    if (++this.#nodes > maxNodes) throw new TextError('too large because of aliases', offset);
    const value = this.#plain(node, offset);
    const name = tag?.startsWith('!') ? tag.slice(1) : undefined;
    if (name === undefined) return value;
    const key = name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`;
    return { kind: 'object', entries: [{ key, offset, value }], offset };
  }

  #plain(node: unknown, offset: number): Source {
    if (isAlias(node)) {
      const target = targetOf(node, this.#document);
      if (target === undefined) throw new TextError(`there is no anchor "${node.source}"`, offset);
      return this.convert(target);
    }
    if (isMap(node)) return { kind: 'object', entries: node.items.map((pair) => this.#entry(pair)), offset };
    if (isSeq(node)) return { kind: 'array', items: node.items.map((item) => this.convert(item)), offset };
    return { kind: 'scalar', value: isScalar(node) ? scalarValue(node.value) : null, offset };
  }

  #entry({ key, value }: { key: unknown; value: unknown }): Entry {
    const source = this.convert(key);
    const name = source.kind === 'scalar' ? String(source.value) : '';
    const converted: Source =
      value === null ? { kind: 'scalar', value: null, offset: source.offset } : this.convert(value);
    return { key: name, offset: source.offset, value: converted };
  }
}

/** CloudFormation reads a date without quotes, such as a policy's version, as a string. */
function scalarValue(value: unknown): string | number | boolean | null {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return value === null || value === undefined ? null : String(value);
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

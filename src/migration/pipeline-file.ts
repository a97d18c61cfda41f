import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  type Node,
  type Pair,
  parseAllDocuments,
  type YAMLMap,
} from 'yaml';
import { targetOf } from '../text/aliases.ts';
import { TextError } from '../text/text-error.ts';

/** A file of a pipeline's configuration, with the positions of everything in it. */
export interface PipelineFile {
  readonly path: string;
  readonly text: string;
  readonly document: Document.Parsed;
  /** The configuration itself: the last document, since a component's file begins with its inputs. */
  readonly root: YAMLMap<Node, Node | null>;
  readonly newline: '\n' | '\r\n';
}

/** GitLab's own limit: https://docs.gitlab.com/administration/instance_limits/#maximum-size-and-depth-of-cicd-configuration-yaml-files */
const maxCharacters = 2 * 1024 * 1024;
const maxDepth = 100;
/** Aliases may repeat a part many times; no real pipeline comes near this. */
const maxNodes = 1_000_000;

/**
 * Reads a file of a pipeline.
 *
 * @throws {TextError} where it is no YAML, has a key twice, explodes, or is longer than GitLab takes
 */
export function parsePipelineFile(path: string, text: string): PipelineFile {
  if (text.length > maxCharacters) {
    throw new TextError(`longer than the ${maxCharacters} characters that GitLab takes`, 0);
  }
  const documents = parse(text);
  const [failed] = documents.flatMap(({ errors }) => errors);
  if (failed !== undefined) {
    // the parser reports its own exhaustion as an error of the text
    const message = /call stack/.test(failed.message) ? 'nested too deeply' : failed.message;
    throw new TextError(message, failed.pos[0]);
  }
  const document = documents.at(-1);
  if (document === undefined || !isMap<Node, Node | null>(document.contents)) {
    throw new TextError('no pipeline: it must be a mapping of jobs', document?.contents?.range[0] ?? 0);
  }
  new Measure(document).check(document.contents, 0);
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  return { path, text, document, root: document.contents, newline };
}

function parse(text: string): readonly Document.Parsed[] {
  try {
    const documents = parseAllDocuments(text, {
      prettyErrors: false,
      logLevel: 'error',
      // several merge keys are not unusual
      uniqueKeys: (a, b) => keyText(a) !== undefined && keyText(a) === keyText(b) && keyText(a) !== '<<',
    });
    return Array.isArray(documents) ? documents : [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new TextError('nested too deeply', 0);
  }
}

/** How large a document is once its aliases are put in. */
class Measure {
  readonly #document: Document.Parsed;
  readonly #sizes = new Map<unknown, number>();

  constructor(document: Document.Parsed) {
    this.#document = document;
  }

  check(node: unknown, depth: number): number {
    const offset = (node as Node | null)?.range?.[0] ?? 0;
    if (depth > maxDepth) throw new TextError(`nested deeper than ${maxDepth} levels`, offset);
    const known = this.#sizes.get(node);
    if (known !== undefined) return known;
    const size =
      1 + this.#children(node).reduce((sum: number, child) => sum + this.check(child, depth + 1), 0);
    if (size > maxNodes) throw new TextError('aliases make it too large', offset);
    this.#sizes.set(node, size);
    return size;
  }

  #children(node: unknown): readonly unknown[] {
    if (isAlias(node)) {
      const target = targetOf(node, this.#document);
      if (target === undefined) throw new TextError(`no anchor "${node.source}"`, node.range?.[0] ?? 0);
      return [target];
    }
    if (isCollection(node)) return node.items;
    return isPair(node) ? [node.key, node.value] : [];
  }
}

/** The text of a key; undefined for keys that are no scalars. */
export function keyText(key: unknown): string | undefined {
  return isScalar(key) ? String(key.value) : undefined;
}

/** Follows aliases. */
export function resolveAlias(node: unknown, { document }: PipelineFile): unknown {
  return isAlias(node) ? targetOf(node, document) : node;
}

/** The entry at the top of a file that a node is written in. */
export function ownerOf(node: Node, { root }: PipelineFile): Pair<Node, Node | null> | undefined {
  const offset = node.range?.[0] ?? 0;
  return root.items.find(({ value }) => {
    const [start = 0, , end = 0] = value?.range ?? [];
    return start <= offset && offset < end;
  });
}

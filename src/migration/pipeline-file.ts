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

/** A pipeline configuration file, parsed with positions. */
export interface PipelineFile {
  readonly path: string;
  readonly text: string;
  readonly document: Document.Parsed;
  /** The configuration: the last document, because the first one of a component's file declares its inputs. */
  readonly root: YAMLMap<Node, Node | null>;
  readonly newline: '\n' | '\r\n';
}

/** GitLab's own limit: https://docs.gitlab.com/administration/instance_limits/#maximum-size-and-depth-of-cicd-configuration-yaml-files */
const maxCharacters = 2 * 1024 * 1024;
const maxDepth = 100;
/** With aliases resolved. Real pipelines are much smaller. */
const maxNodes = 1_000_000;

/**
 * Parses a pipeline configuration file.
 *
 * @throws {TextError} if it is not YAML, has a duplicate key, or exceeds a limit of GitLab or of this program
 */
export function parsePipelineFile(path: string, text: string): PipelineFile {
  if (text.length > maxCharacters) {
    throw new TextError(`longer than GitLab's limit of ${maxCharacters} characters`, 0);
  }
  const documents = parse(text);
  const [failed] = documents.flatMap(({ errors }) => errors);
  if (failed !== undefined) {
    // the parser reports a stack overflow as a syntax error
    const message = /call stack/.test(failed.message) ? 'nested too deeply' : failed.message;
    throw new TextError(message, failed.pos[0]);
  }
  const document = documents.at(-1);
  if (document === undefined || !isMap<Node, Node | null>(document.contents)) {
    throw new TextError('not a pipeline: it must be a mapping of jobs', document?.contents?.range[0] ?? 0);
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
      // several merge keys are common
      uniqueKeys: (a, b) => keyText(a) !== undefined && keyText(a) === keyText(b) && keyText(a) !== '<<',
    });
    return Array.isArray(documents) ? documents : [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new TextError('nested too deeply', 0);
  }
}

/** Measures a document with its aliases resolved. */
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
    if (size > maxNodes) throw new TextError('too large with its aliases resolved', offset);
    this.#sizes.set(node, size);
    return size;
  }

  #children(node: unknown): readonly unknown[] {
    if (isAlias(node)) {
      const target = targetOf(node, this.#document);
      if (target === undefined)
        throw new TextError(`the anchor "${node.source}" is not defined`, node.range?.[0] ?? 0);
      return [target];
    }
    if (isCollection(node)) return node.items;
    return isPair(node) ? [node.key, node.value] : [];
  }
}

/** The text of a key; undefined if the key is not a scalar. */
export function keyText(key: unknown): string | undefined {
  return isScalar(key) ? String(key.value) : undefined;
}

/** The target of an alias; any other node itself. */
export function resolveAlias(node: unknown, { document }: PipelineFile): unknown {
  return isAlias(node) ? targetOf(node, document) : node;
}

/** The top-level entry of a file that contains a node. */
export function ownerOf(node: Node, { root }: PipelineFile): Pair<Node, Node | null> | undefined {
  const offset = node.range?.[0] ?? 0;
  return root.items.find(({ value }) => {
    const [start = 0, , end = 0] = value?.range ?? [];
    return start <= offset && offset < end;
  });
}

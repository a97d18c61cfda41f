import { type AndOr, forEachChild, type PipelineNode, parse, type SyntaxNode, type Word } from 'unbash';

/** A command that a script runs by itself: what stands between the ends of lines, `;` and `&&`. */
export interface ShellCommand {
  readonly node: PipelineNode;
  /** Where it stands in the script; `end` is behind its here-documents. */
  readonly start: number;
  readonly end: number;
  /** As it is written, with its here-documents. */
  readonly text: string;
  /** What runs where it fails: the other side of `||`. */
  readonly fallbacks: readonly PipelineNode[];
  readonly inBackground: boolean;
  /** Where the statement stands that it is a part of: with its neighbours in a chain of `&&`. */
  readonly statement: { readonly start: number; readonly end: number; readonly isChain: boolean };
}

/**
 * Reads a script of POSIX sh or bash.
 *
 * @returns undefined where it is neither, or longer than any
 */
export function readScript(text: string): readonly ShellCommand[] | undefined {
  if (text.length > maxLength) return undefined;
  if (!known.has(text)) {
    if (known.size > maxKnown) known.clear();
    known.set(text, read(text));
  }
  return known.get(text);
}

/** No script in a pipeline is longer. */
const maxLength = 50_000;

/** Jobs share scripts: each is read once. */
const known = new Map<string, readonly ShellCommand[] | undefined>();
const maxKnown = 10_000;

function read(text: string): readonly ShellCommand[] | undefined {
  const script = parse(text);
  if (hasErrors(script)) return undefined;
  return script.commands.flatMap(({ command, background, end }) => {
    const statement = { start: command.pos, end: endOf(command, end), isChain: command.type === 'AndOr' };
    return chain(command).map(({ node, fallbacks }) => {
      const last = Math.max(...[node, ...fallbacks].map((one) => endOf(one, one.end)));
      const inBackground = background === true;
      return {
        node,
        start: node.pos,
        end: last,
        text: text.slice(node.pos, last),
        fallbacks,
        inBackground,
        statement,
      };
    });
  });
}

interface Link {
  readonly node: PipelineNode;
  readonly fallbacks: PipelineNode[];
}

/** `a && b || c` runs c where either fails; for what comes of a and b that is the same. */
function chain(command: PipelineNode | AndOr): readonly Link[] {
  if (command.type !== 'AndOr') return [{ node: command, fallbacks: [] }];
  const links: Link[] = [];
  for (const [index, node] of command.commands.entries()) {
    if (command.operators[index - 1] === '||') links.at(-1)?.fallbacks.push(node);
    else links.push({ node, fallbacks: [] });
  }
  return links;
}

/** Where a node ends, with the here-documents that begin in it. */
function endOf(node: SyntaxNode, end: number): number {
  let last = end;
  for (const one of descendants(node)) {
    if (one.type === 'HereDoc') last = Math.max(last, one.closing?.end ?? one.body.end);
  }
  return last;
}

/** A node and everything below it. */
export function* descendants(node: SyntaxNode): Generator<SyntaxNode> {
  const waiting = [node];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    yield one;
    const children: SyntaxNode[] = [];
    forEachChild(one, (child) => children.push(child));
    waiting.push(...children.toReversed());
  }
}

function hasErrors(script: SyntaxNode): boolean {
  for (const node of descendants(script)) {
    if (node.type === 'Script' && (('errors' in node && node.errors?.length) || 0) > 0) return true;
  }
  return false;
}

/** The name of the program that a command runs; undefined where that is computed. */
export function programOf(node: SyntaxNode): string | undefined {
  return node.type === 'Command' && node.name !== undefined ? literal(node.name) : undefined;
}

/** The text of a word that needs no shell to be known. */
export function literal(word: Word): string | undefined {
  const isPlain = (part: { readonly type: string }): boolean =>
    part.type === 'Literal' || part.type === 'SingleQuoted' || part.type === 'AnsiCQuoted';
  for (const part of word.parts ?? []) {
    const parts = part.type === 'DoubleQuoted' ? part.parts : [part];
    if (!parts.every(isPlain)) return undefined;
  }
  return word.value;
}

import {
  type AndOr,
  type Command,
  forEachChild,
  type PipelineNode,
  parse,
  type SyntaxNode,
  type Word,
} from 'unbash';

/** A single command of a script: the text between line breaks, `;` and `&&`. */
export interface ShellCommand {
  readonly node: PipelineNode;
  /** Its offset in the script; `end` is after its here-documents. */
  readonly start: number;
  readonly end: number;
  /** The source text, with its here-documents. */
  readonly text: string;
  /** What runs if it fails: the right side of `||`. */
  readonly fallbacks: readonly PipelineNode[];
  readonly inBackground: boolean;
  /** The statement that it is part of, for example a chain of `&&`. */
  readonly statement: { readonly start: number; readonly end: number; readonly isChain: boolean };
}

/**
 * Parses a script of POSIX sh or bash.
 *
 * @returns undefined if it is neither, or too long
 */
export function readScript(text: string): readonly ShellCommand[] | undefined {
  if (text.length > maxLength) return undefined;
  if (!known.has(text)) {
    if (known.size > maxKnown) known.clear();
    known.set(text, read(text));
  }
  return known.get(text);
}

/** In characters. No script in a pipeline is longer. */
const maxLength = 50_000;

/** Jobs share scripts, so each text is parsed only once. */
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

/** `a && b || c` runs c if either fails. For the effects of a and b, the difference does not matter. */
function chain(command: PipelineNode | AndOr): readonly Link[] {
  if (command.type !== 'AndOr') return [{ node: command, fallbacks: [] }];
  const links: Link[] = [];
  for (const [index, node] of command.commands.entries()) {
    if (command.operators[index - 1] === '||') links.at(-1)?.fallbacks.push(node);
    else links.push({ node, fallbacks: [] });
  }
  return links;
}

/** The end of a node, including the here-documents that begin in it. */
function endOf(node: SyntaxNode, end: number): number {
  let last = end;
  for (const one of descendants(node)) {
    if (one.type === 'HereDoc') last = Math.max(last, one.closing?.end ?? one.body.end);
  }
  return last;
}

/** A node and all its descendants, in source order. */
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

/** The program that a command runs; undefined if the shell computes its name. */
export function programOf(node: SyntaxNode): string | undefined {
  return node.type === 'Command' && node.name !== undefined ? literal(node.name) : undefined;
}

/** The arguments of a command, without assignments. */
export function wordsOf(command: Command): readonly Word[] {
  return command.args.filter((one): one is Word => one.type === 'Word');
}

/** The text of a word without expansions; undefined if only the shell can tell. */
export function literal(word: Word): string | undefined {
  const isPlain = (part: { readonly type: string }): boolean =>
    part.type === 'Literal' || part.type === 'SingleQuoted' || part.type === 'AnsiCQuoted';
  for (const part of word.parts ?? []) {
    const parts = part.type === 'DoubleQuoted' ? part.parts : [part];
    if (!parts.every(isPlain)) return undefined;
  }
  return word.value;
}

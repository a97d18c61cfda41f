import type { Command, SyntaxNode } from 'unbash';
import { descendants, programOf, readScript, type ShellCommand } from '../../shell/script.ts';
import { legacyMentions } from './legacy-variable.ts';

/** A place in a text that contains the name of a legacy variable. */
export interface Mention {
  /** Its position among the text's mentions, from 0. */
  readonly nth: number;
  readonly name: string;
  /**
   * `value`: its value is used, in any syntax. `pass`: it is passed on by name, and read under that name:
   * `docker run -e NAME`. `forget`: it is unset. `elsewhere`: it is written to another pipeline.
   * `text`: it is not used.
   */
  readonly form: 'value' | 'pass' | 'forget' | 'elsewhere' | 'text';
  /** The command that contains it. */
  readonly command: string;
}

/** The kind of a text: a script, the value of a variable, or another value that GitLab or the runner expands. */
export type TextKind = 'script' | 'variable' | 'other';

/** Does a mention need a token? */
export const isUse = ({ form }: Mention): boolean => form === 'value' || form === 'pass';

/** The mentions of legacy variables in a text. */
export function mentionsIn(text: string, kind: TextKind): readonly Mention[] {
  const found = legacyMentions(text);
  if (found.length === 0) return [];
  const commands = kind === 'script' ? readScript(text) : undefined;
  return found.map(({ offset, name }, nth) => {
    if (kind !== 'script') return { nth, name, form: formInValue(text, offset, name, kind), command: text };
    // PowerShell, cmd.exe: every mention counts as a use
    if (commands === undefined) return { nth, name, form: 'value', command: text };
    const command = commands.find(({ start, end }) => start <= offset && offset < end);
    if (command === undefined) return { nth, name, form: 'text', command: '' };
    return { nth, name, form: formInCommand(command, text, offset, name), command: command.text };
  });
}

function formInValue(text: string, offset: number, name: string, kind: TextKind): Mention['form'] {
  if (isExpanded(text, offset)) return 'value';
  return kind === 'variable' && text.trim() === name ? 'value' : 'text';
}

/** `$NAME`, `${NAME}`, `${#NAME}`, `$$NAME`, `$env:NAME`, `%NAME%` */
function isExpanded(text: string, offset: number): boolean {
  return /(\$\{?[#!]?|\$\{?env:|\bEnv:|GetEnvironmentVariable\(\s*["']?|%)$/i.test(
    text.slice(Math.max(0, offset - 40), offset),
  );
}

function formInCommand(command: ShellCommand, text: string, offset: number, name: string): Mention['form'] {
  const before = text.slice(command.start, offset);
  const word = wordAround(text, offset, name);
  const owner = ownerOf(command, offset);
  const program = owner === undefined ? undefined : programOf(owner);
  if (isExpanded(text, offset)) {
    const literal = isLiteral(owner, offset);
    if (isForOtherPipeline(command.text, before, literal)) return 'elsewhere';
    const isElsewhere = isSaid(program, command, before) || containers.test(program ?? '');
    return literal && isElsewhere ? 'text' : 'value';
  }
  // the left side of an assignment
  if (text[offset + name.length] === '=' && /(^|[\s"'`;&|(=-])$/.test(before)) return 'text';
  if (program === 'unset' || /(^|\s)(-u|--unset=?)\s*$/.test(before.slice(-nearby))) return 'forget';
  if (containers.test(program ?? '')) return formInContainer(before);
  if (interpreters.test(program ?? '') || isCode(command.text)) return 'value';
  if (/\[\s[^\]]*-v\s+$|\btest\s+-v\s+$/.test(before.slice(-nearby))) return 'value';
  if (program === undefined || texts.has(program))
    return owner === undefined && word === name && /=["']?$/.test(before) ? 'value' : 'text';
  return word === name || word.endsWith(`=${name}`) ? 'value' : 'text';
}

/** The innermost command around a place. */
function ownerOf(command: ShellCommand, offset: number): Command | undefined {
  let found: Command | undefined;
  for (const root of [command.node, ...command.fallbacks]) {
    for (const node of descendants(root)) {
      if (node.type === 'Command' && holds(node, offset)) found = node.name === undefined ? undefined : node;
    }
  }
  return found;
}

function holds(node: Command, offset: number): boolean {
  if (node.pos <= offset && offset < node.end) return true;
  return node.redirects.some(
    (one) => one.type === 'HereDoc' && one.body.pos <= offset && offset < one.body.end,
  );
}

/** Is it in single quotes or in a quoted here-document, where the shell does not expand variables? */
function isLiteral(owner: Command | undefined, offset: number): boolean {
  if (owner === undefined) return false;
  for (const node of descendants(owner)) {
    const isQuoted = node.type === 'SingleQuoted' || node.type === 'AnsiCQuoted';
    if (isQuoted && node.pos <= offset && offset < node.end) return true;
    const isHereDocument = node.type === 'HereDoc' && node.delimiter?.quoted === true;
    if (isHereDocument && node.body.pos <= offset && offset < node.body.end) return true;
  }
  return false;
}

/** Is it in a message for people? */
function isSaid(program: string | undefined, command: ShellCommand, before: string): boolean {
  return (
    /^(echo|printf)$/.test(program ?? '') &&
    !isCode(command.text) &&
    !/\|/.test(command.text.slice(before.length))
  );
}

/** Does a command write a pipeline configuration, for jobs that do not exist yet? */
function isForOtherPipeline(command: string, before: string, isLiteral: boolean): boolean {
  return />>?\s*["']?[\w./${}-]+\.ya?ml\b/.test(command) && (isLiteral || /\\\$\{?$/.test(before));
}

const containers = /^(docker|podman|nerdctl|buildah|docker-compose)$/;

function formInContainer(before: string): Mention['form'] {
  if (/(^|\s)(-e|--env|--build-arg)(\s+|=)["']?$/.test(before.slice(-nearby))) return 'pass';
  return /,env=$|^\S*.*\s(sh|bash|ash)\s+-\w*c\s/s.test(before) ? 'value' : 'text';
}

const interpreters =
  /^(python[\d.]*|node|ruby|perl|php|deno|bun|awk|gawk|jq|sh|bash|ash|dash|zsh|eval|envsubst|printenv|pwsh|xargs)$/;

/** Does a command substitute variables in text, or filter the environment by name? */
function isCode(command: string): boolean {
  return /\benvsubst\b|\b(env|printenv|export -p|declare -p)\b[^|]*\|\s*\w*grep\b/.test(command);
}

/** Programs whose arguments are texts and files, not names of variables. */
const texts = new Set(
  'echo printf cat grep egrep fgrep sed rm test [ touch cp mv mkdir ls git curl tee cd find chmod'.split(' '),
);

/** In characters: the part of a text around a mention that is checked. */
const nearby = 200;

function wordAround(text: string, offset: number, name: string): string {
  const start = /[^\s"'`;|&()]*$/.exec(text.slice(Math.max(0, offset - nearby), offset))?.[0] ?? '';
  const end =
    /^[^\s"'`;|&()]*/.exec(text.slice(offset + name.length, offset + name.length + nearby))?.[0] ?? '';
  return start + name + end;
}

/** Legacy variables to which a script assigns a value, so that they are no longer GitLab's. */
export function redefinedIn(text: string): readonly string[] {
  if (legacyMentions(text).length === 0) return [];
  const found: string[] = [];
  for (const { node } of readScript(text) ?? []) {
    for (const one of descendants(node)) {
      if (one.type === 'Command' && definesVariables(one)) {
        for (const part of [...one.prefix, ...one.args] as readonly SyntaxNode[]) {
          if (part.type === 'Assignment' && !part.text.slice(part.name.length).includes(part.name))
            found.push(part.name);
        }
      }
    }
  }
  return found;
}

const definesVariables = (command: Command) =>
  command.name === undefined || /^(export|declare|typeset|readonly|local)$/.test(programOf(command) ?? '');

import type { AndOr, For, If, PipelineNode, While } from 'unbash';
import { programOf, wordsOf } from '../../shell/script.ts';

/** The commands of a loop or an `if`, in order; of an `if` that only ends the job, the condition. */
export function commandsIn(node: If | While | For): readonly PipelineNode[] {
  return listsOf(node).flatMap(({ commands }) =>
    commands
      .flatMap(({ command }) => (command.type === 'AndOr' ? command.commands : [command]))
      .map(withoutNegation),
  );
}

function listsOf(node: If | While | For) {
  if (node.type === 'For') return [node.body];
  if (node.type === 'While') return [node.clause, node.body];
  const { clause, then, elif, else: otherwise } = node;
  const branches = elif.flatMap((one) => [one.clause, one.then]);
  return [clause, then, ...branches, ...(otherwise ? [otherwise] : [])];
}

function withoutNegation(node: PipelineNode): PipelineNode {
  const [only] = node.type === 'Pipeline' && node.commands.length === 1 ? node.commands : [];
  return only ?? node;
}

/** Does an `if` only end the job when there is no response? Any other decision belongs to the script itself. */
export function isCheck({ then, elif, else: otherwise }: If): boolean {
  const ends = (list: If['then']) => endsWithFailure(list.commands.map(({ command }) => command));
  return elif.length === 0 && (otherwise === undefined ? ends(then) : ends(otherwise));
}

/** Does a command only wait, count, print a message, or end the loop or the job? */
export function isIdle(node: PipelineNode): boolean {
  if (endsJob(node)) return true;
  if (node.type === 'If') return commandsIn(node).every((one) => isIdle(one) || isCounterTest(one));
  if (node.type !== 'Command') return node.type === 'ArithmeticCommand';
  if (node.name === undefined)
    return node.prefix.every((one) => one.type === 'Assignment' && /=(\$\(\(.*\)\)|\d+)$/s.test(one.text));
  return (
    /^(sleep|echo|printf|break|continue|true|false|:)$/.test(programOf(node) ?? '') &&
    node.redirects.every((one) => one.type === 'Redirect' && one.operator === '>&')
  );
}

/** `[ "$n" -ge 5 ]` */
function isCounterTest(node: PipelineNode): boolean {
  const words = node.type === 'Command' ? node.args.map(({ text }) => text).join(' ') : '';
  return /^(test|\[)$/.test(programOf(node) ?? '') && /-(ge|gt|eq|le|lt|ne) "?[\d$]/.test(words);
}

/** Does a command end the job with a failure? `exit 1`, `{ echo "no role"; exit 1; }` */
export function endsJob(node: PipelineNode): boolean {
  if (node.type === 'BraceGroup' || node.type === 'Subshell') {
    return endsWithFailure(node.body.commands.map(({ command }) => command));
  }
  const code = node.type === 'Command' ? wordsOf(node).at(-1)?.value : undefined;
  return programOf(node) === 'false' || (programOf(node) === 'exit' && code !== '0');
}

/** Messages, then the end of the job. A bare `exit` would return the success of the last message. */
function endsWithFailure(commands: readonly (PipelineNode | AndOr)[]): boolean {
  const last = commands.at(-1);
  if (last?.type !== 'Command' || !endsJob(last)) return false;
  const isMessage = (one: PipelineNode | AndOr) =>
    one.type === 'Command' && /^(echo|printf)$/.test(programOf(one) ?? '');
  return commands.slice(0, -1).every(isMessage) && wordsOf(last).length > 0;
}

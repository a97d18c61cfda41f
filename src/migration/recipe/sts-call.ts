import type { Command, Word } from 'unbash';
import { literal, programOf } from '../../shell/script.ts';
import type { KnownText } from './known-text.ts';

/** A call of `aws sts assume-role-with-web-identity`, with its known options. */
export interface StsCall {
  readonly options: ReadonlyMap<string, KnownText>;
  /** The token; or `file://…` if it is read from a file. */
  readonly token: KnownText;
  /** A part of the call that no component supports. */
  readonly obstacle: string | undefined;
}

const action = 'assume-role-with-web-identity';

/** The service and the action of an AWS CLI command, such as `['configure', 'set']`; undefined for other programs. */
export function awsAction(command: Command): readonly string[] | undefined {
  if (programOf(command) !== 'aws') return undefined;
  const words = command.args.flatMap((one) => (one.type === 'Word' ? [one] : []));
  const names: string[] = [];
  for (let at = 0; at < words.length && names.length < 2; at++) {
    const word = words[at] as Word;
    const text = literal(word) ?? '';
    if (!text.startsWith('-')) names.push(text);
    else if (!text.includes('=') && !alone.has(text.slice(2))) at++;
  }
  return names;
}

/** @returns undefined if the command is another one */
export function readStsCall(command: Command, textOf: (word: Word) => KnownText): StsCall | undefined {
  const [service, name] = awsAction(command) ?? [];
  if (service !== 'sts' || name !== action) return undefined;
  const options = new Map<string, KnownText>();
  let obstacle: string | undefined;
  const words = command.args.filter((one): one is Word => one.type === 'Word').map(textOf);
  for (let at = 0; at < words.length; at++) {
    const [, option, value] = /^--([\w-]+)(?:=(.*))?$/s.exec(words[at] ?? '') ?? [];
    if (option === undefined) continue;
    if (!understood.has(option)) obstacle ??= `no component supports the option --${option}`;
    if (alone.has(option)) continue;
    options.set(option, value ?? words[++at] ?? '');
  }
  for (const assignment of command.prefix) {
    if (assignment.type !== 'Assignment') continue;
    if (
      !/^AWS_(DEFAULT_REGION|REGION|PAGER|DEFAULT_OUTPUT|STS_REGIONAL_ENDPOINTS|MAX_ATTEMPTS|RETRY_MODE)$/.test(
        assignment.name,
      )
    )
      obstacle ??= `${assignment.name} is set only for the call`;
  }
  return { options, obstacle, token: options.get('web-identity-token') ?? '' };
}

const understood = new Set([
  'role-arn',
  'role-session-name',
  'web-identity-token',
  'duration-seconds',
  'query',
  'output',
  'region',
  'no-cli-pager',
  'no-paginate',
  'no-sign-request',
  'no-cli-auto-prompt',
  'color',
  'cli-read-timeout',
  'cli-connect-timeout',
]);

/** Options of the AWS CLI without a value. */
const alone = new Set([
  'no-cli-pager',
  'no-paginate',
  'no-sign-request',
  'no-cli-auto-prompt',
  'no-verify-ssl',
  'debug',
]);

import type { Command, Option } from 'commander';
import { quoteFish } from '../hand-off/quote.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof shells)[number];

/** What can be completed after one command. */
interface Completed {
  /** `trust-policy lint`; empty for the program itself. */
  readonly path: string;
  readonly subcommands: readonly Command[];
  /** Values of its argument. */
  readonly values: readonly string[];
  readonly options: readonly Option[];
}

/** A script that completes commands, flags and the values of flags in a shell; generated from the parser. */
export function completionScript(program: Command, shell: Shell): string {
  const commands = commandsBelow(program, '');
  return shell === 'fish' ? fishScript(program, commands) : bashScript(program, commands, shell);
}

function commandsBelow(command: Command, path: string): readonly Completed[] {
  const { commands: subcommands } = command;
  const options = command.createHelp().visibleOptions(command);
  const values = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const own = { path, subcommands, values, options };
  return [own, ...subcommands.flatMap((one) => commandsBelow(one, `${path} ${one.name()}`.trim()))];
}

/** Uses bash's builtins, which zsh supports after bashcompinit. */
function bashScript(program: Command, commands: readonly Completed[], shell: 'bash' | 'zsh'): string {
  const cases = (rows: readonly (readonly [pattern: string, action: string])[]) =>
    rows.map(([pattern, action]) => `    ${pattern}) ${action} ;;`).join('\n');
  const paths = commands.filter(({ path }) => path !== '').map(({ path }) => `"${path}"`);
  const valuesOfFlags = commands.flatMap(({ path, options }) =>
    options.flatMap((option) => {
      const words = option.argChoices ?? (takesFile(option) || !takesValue(option) ? undefined : []);
      return words === undefined
        ? []
        : [[`"${path} ${option.long}"`, `candidates="${words.join(' ')}"`] as const];
    }),
  );
  const files = commands.flatMap(({ path, options }) =>
    options.filter(takesFile).map(({ long }) => [`"${path} ${long}"`, 'return'] as const),
  );
  const words = commands.map(({ path, subcommands, values, options }) => {
    const names = [...subcommands.map((one) => one.name()), ...values, ...options.map(({ long }) => long)];
    return [`"${path}"`, `candidates="${names.join(' ')}"`] as const;
  });
  return `${shell === 'zsh' ? '#compdef aws-oidc\nautoload -Uz bashcompinit && bashcompinit\n' : ''}_aws_oidc() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" at="" candidates="" word
  for word in "\${COMP_WORDS[@]:1:$((COMP_CWORD-1))}"; do
    case "\${at:+$at }$word" in
      ${paths.join(' | ')}) at="\${at:+$at }$word" ;;
    esac
  done
  COMPREPLY=()
  case "$at" in
${cases(words)}
  esac
  case "$at $previous" in
${cases([...valuesOfFlags, ...files])}
  esac
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$candidates" -- "$current")
}
complete -o default -F _aws_oidc ${program.name()}
`;
}

function fishScript(program: Command, commands: readonly Completed[]): string {
  const lines = commands.flatMap(({ path, subcommands, values, options }) => {
    const here = `complete -c ${program.name()} -n '__aws_oidc_at ${JSON.stringify(path)}'`;
    return [
      ...subcommands.map((one) => `${here} -f -a ${one.name()} -d ${quoteFish(one.description())}`),
      ...values.map((value) => `${here} -f -a ${value}`),
      ...options.map((option) => `${here} ${fishOption(option)} -d ${quoteFish(option.description)}`),
    ];
  });
  const paths = commands.map(({ path }) => JSON.stringify(path)).join(' ');
  return `function __aws_oidc_at
  set -l path
  for word in (commandline -opc)[2..]
    contains -- (string join ' ' -- $path $word) ${paths}; and set -a path $word
  end
  test "$path" = "$argv[1]"
end
${lines.join('\n')}
`;
}

function fishOption(option: Option): string {
  const long = `-l ${option.long?.replace(/^--/, '')}`;
  if (option.argChoices) return `${long} -x -a '${option.argChoices.join(' ')}'`;
  if (takesFile(option)) return `${long} -rF`;
  return takesValue(option) ? `${long} -x` : `${long} -f`;
}

const takesValue = (option: Option) => option.required || option.optional;
const takesFile = (option: Option) => /<file>/.test(option.flags);

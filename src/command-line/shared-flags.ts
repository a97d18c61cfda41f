import { type Command, Option } from 'commander';
import type { SessionFlags, TokenFlags } from '../commands/input/session-input.ts';
import type { Environment } from '../environment-variables.ts';
import { type InputName, type Inputs, inputNames, variableOf } from '../exchange/inputs.ts';
import { defaultTagClaims } from '../exchange/session-claims.ts';

/** Flags as commander returns them: names in camel case. */
export type Flags = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

/** The help of the flag for an input. */
interface InputFlag {
  /** Undefined if the flag has no value. */
  readonly placeholder?: string;
  readonly help: string;
  /** The flag can be repeated. */
  readonly isList?: true;
  /** The help of the flag with `--no-`, for an empty list. */
  readonly noneHelp?: string;
}

const inputFlags: Record<InputName, InputFlag> = {
  role_arn: { placeholder: 'arn', help: 'role to assume' },
  audience: { placeholder: 'aud', help: 'expected audience of the token; a notice is shown if it differs' },
  duration: {
    placeholder: 'duration',
    help: 'session duration, 900 to 43200 seconds, or for example 15m or 1h (default: 1h)',
  },
  region: {
    placeholder: 'region',
    help: "region of the STS endpoint (default: AWS_REGION, AWS_DEFAULT_REGION, or the partition's default)",
  },
  session_name: { placeholder: 'name', help: 'role session name; invalid characters become "-"' },
  policy: { placeholder: 'json', help: 'session policy, at most 2048 characters' },
  policy_arns: {
    placeholder: 'arn',
    help: 'managed policy to use as a session policy; repeatable',
    isList: true,
  },
  allowed_account_ids: {
    placeholder: 'id',
    help: 'allow only roles in this account; repeatable',
    isList: true,
  },
  role_chain: {
    placeholder: 'arn',
    help: 'role to assume with the credentials of the previous role; repeatable',
    isList: true,
  },
  external_id: { placeholder: 'id', help: 'external ID for the chained roles' },
  session_tags: {
    placeholder: 'claim',
    help: `claim to pass to the chained roles as a session tag; repeatable (default: ${defaultTagClaims.join(', ')})`,
    isList: true,
    noneHelp: 'pass no session tags',
  },
  transitive_tags: { help: 'pass the session tags to the first chained role only; later ones inherit them' },
  source_identity: {
    placeholder: 'claim',
    help: 'claim to pass to the chained roles as the source identity',
  },
  env_prefix: { placeholder: 'prefix', help: 'prefix for variable names' },
};

export const tokenHelp = `
The token is read from --token-file, from the variable --token-env, or from the first of these
variables that is set: GITLAB_OIDC_TOKEN, CIRCLE_OIDC_TOKEN_V2, CIRCLE_OIDC_TOKEN.`;

export const sessionHelp = `${tokenHelp}

Each input can also be set in the environment, as AWS_OIDC_ROLE_ARN, AWS_OIDC_DURATION and so on;
lists, such as AWS_OIDC_POLICY_ARNS, are JSON arrays. Flags override the environment.
`;

export function addTokenFlags(command: Command): Command {
  return command
    .option('--token-env <name>', 'variable with the token (default: see below)')
    .option('--token-file <file>', 'file with the token');
}

export function addSessionFlags(command: Command): Command {
  for (const name of inputNames) {
    const { placeholder, help, isList, noneHelp } = inputFlags[name];
    const flag = placeholder === undefined ? flagOf(name) : `${flagOf(name)} <${placeholder}>`;
    if (isList) command.option(flag, help, collect);
    else command.option(flag, help);
    if (noneHelp !== undefined) command.option(flagOf(name).replace('--', '--no-'), noneHelp);
  }
  return addTokenFlags(command);
}

const flagOf = (input: InputName) => `--${input.replaceAll('_', '-')}`;

/** A flag with a fixed set of values. */
export function choice(flag: string, help: string, choices: readonly string[], fallback: string): Option {
  return new Option(flag, help).choices([...choices]).default(fallback);
}

/** Collects the values of a flag that can be repeated. */
export const collect = (value: string, previous?: string[] | false) => [...(previous || []), value];

export const text = (value: Flags[string]) => (typeof value === 'string' ? value : undefined);

export function tokenFlags(flags: Flags): TokenFlags {
  return { tokenEnv: text(flags.tokenEnv), tokenFile: text(flags.tokenFile) };
}

export function sessionFlags(flags: Flags, env: Environment): SessionFlags {
  const inputs = inputsOf(flags);
  return { inputs, nameOf: (input) => nameOf(input, inputs, env), ...tokenFlags(flags) };
}

/** The name of an input in errors: the variable that set it, else its flag. */
function nameOf(name: string, inputs: Inputs, env: Environment): string {
  const input = inputNames.find((one) => name === one || name.startsWith(`${one}[`));
  if (input === undefined) return name;
  const variable = variableOf(input);
  const fromVariable = inputs[input] === undefined && env[variable] !== undefined;
  return name.replace(input, fromVariable ? variable : flagOf(input));
}

/** Converts flags to inputs; lists become JSON, as in the environment. */
function inputsOf(flags: Flags): Inputs {
  const found = inputNames.flatMap((name) => {
    const value = flags[name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())];
    if (value === undefined) return [];
    // false is a list's flag with --no-
    return [[name, typeof value === 'string' ? value : JSON.stringify(value || [])] as const];
  });
  return Object.fromEntries(found);
}

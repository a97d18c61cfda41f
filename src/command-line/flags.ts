import { type Command, Option } from 'commander';
import type { SessionFlags, TokenFlags } from '../commands/input/session-input.ts';
import type { Environment } from '../environment.ts';
import { type InputName, type Inputs, inputNames, variableOf } from '../exchange/options.ts';

/** Flags as commander gives them: names in camel case. */
export type Flags = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

/** Inputs whose flag may be given several times. */
const listInputs: readonly InputName[] = ['policy_arns', 'allowed_account_ids', 'role_chain'];

const inputHelp: Record<InputName, string> = {
  role_arn: 'the role to assume',
  audience: 'the audience that the token was declared with; a notice tells when it is another',
  duration: 'seconds that the session lasts, 900 to 43200 (default: 3600)',
  region: "the region whose STS is asked (default: AWS_REGION, AWS_DEFAULT_REGION, the partition's own)",
  session_name: 'role session name; cleaned to what STS takes',
  policy: 'session policy, JSON of at most 2048 characters',
  policy_arns: 'managed session policy; may be repeated',
  allowed_account_ids: 'account that roles may be in; may be repeated',
  role_chain: 'role to assume with the session of the role before; may be repeated',
  external_id: 'external id for the chained roles',
  env_prefix: 'put before the name of each variable',
};

export const tokenHelp = `
The token is taken from --token-file, --token-env, or the first of GITLAB_OIDC_TOKEN, CIRCLE_OIDC_TOKEN_V2 and
CIRCLE_OIDC_TOKEN that is set.`;

export const sessionHelp = `${tokenHelp} Each input can also be set in the environment: AWS_OIDC_ROLE_ARN,
AWS_OIDC_POLICY_ARNS (lists as JSON), and so on.
`;

export function addTokenFlags(command: Command): Command {
  return command
    .option('--token-env <name>', 'the variable with the token (default: see below)')
    .option('--token-file <file>', 'a file with the token');
}

export function addSessionFlags(command: Command): Command {
  for (const name of inputNames) {
    const flag = `--${name.replaceAll('_', '-')} <value>`;
    if (listInputs.includes(name)) command.option(flag, inputHelp[name], collect);
    else command.option(flag, inputHelp[name]);
  }
  return addTokenFlags(command);
}

/** A flag that takes one of a few words. */
export function choice(flag: string, help: string, choices: readonly string[], fallback: string): Option {
  return new Option(flag, help).choices([...choices]).default(fallback);
}

/** Collects the values of a flag that may be given several times. */
export const collect = (value: string, previous: string[] = []) => [...previous, value];

export const text = (value: Flags[string]) => (typeof value === 'string' ? value : undefined);

export function tokenFlags(flags: Flags): TokenFlags {
  return { tokenEnv: text(flags.tokenEnv), tokenFile: text(flags.tokenFile) };
}

export function sessionFlags(flags: Flags, env: Environment): SessionFlags {
  const inputs = inputsOf(flags);
  return { inputs, nameOf: (input) => nameOf(input, inputs, env), ...tokenFlags(flags) };
}

/** What an error calls an input: the variable that set it, else its flag. */
function nameOf(name: string, inputs: Inputs, env: Environment): string {
  const input = inputNames.find((one) => name === one || name.startsWith(`${one}[`));
  if (input === undefined) return name;
  const variable = variableOf(input);
  const fromVariable = inputs[input] === undefined && env[variable] !== undefined;
  return name.replace(input, fromVariable ? variable : `--${input.replaceAll('_', '-')}`);
}

/** Flags to inputs; lists become JSON, the form they have in the environment. */
function inputsOf(flags: Flags): Inputs {
  const found = inputNames.flatMap((name) => {
    const value = flags[name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())];
    if (value === undefined) return [];
    return [[name, typeof value === 'string' ? value : JSON.stringify(value)] as const];
  });
  return Object.fromEntries(found);
}

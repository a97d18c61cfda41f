import { mentionsLegacy } from './legacy-variable.ts';
import { splitWords } from './shell-words.ts';

/** What a recipe asks of STS; each may be left to the component's default. */
export interface RecipeValues {
  readonly roleArn?: string;
  readonly sessionName?: string;
  readonly durationSeconds?: string;
  readonly region?: string;
  /** The variable that it takes the token from. */
  readonly token?: string;
  /** The profile of ~/.aws that it writes. */
  readonly profile?: string;
}

/** What one command of a recipe does. */
export interface Step {
  readonly kind: 'exchange' | 'take-apart' | 'token-file' | 'profile' | 'region';
  readonly values: RecipeValues;
  /** The variable that holds STS's answer. */
  readonly answer?: string;
}

const credential = '(?:AWS_)?(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|SECURITY_TOKEN)';

/** Commands that only take the answer apart, export it, or write it where the AWS CLI looks. */
const takingApart: readonly RegExp[] = [
  // AWS_ACCESS_KEY_ID=$(echo "$STS" | jq -r …), ${CREDS[0]}, $(echo $CREDS | cut …)
  new RegExp(
    `^(?:export\\s+|declare -x\\s+)?${credential}=["']?(?:\\$\\((?:echo|jq|printf|cat)\\b[^;&]*\\)|\`(?:echo|jq|printf|cat)\\b[^;&\`]*\`|\\$\\{?\\w+(?:\\[\\d\\])?\\}?)["']?$`,
  ),
  new RegExp(`^export(?:\\s+${credential})+$`),
  new RegExp(
    `^read(?:\\s+-r)?(?:\\s+${credential}){3}\\s*<<<\\s*["']?(?:\\$\\{?\\w+\\}?|\\$\\(echo [^;&]*\\))["']?$`,
  ),
  /^aws configure set aws_(?:access_key_id|secret_access_key|session_token) ["']?\$\{?\w+(?:\[\d\])?\}?["']?(?: --profile ["']?[\w.-]+["']?)?$/,
];

const region = /^(?:export\s+)?AWS_(?:DEFAULT_)?REGION=(["']?)([\w-]+|\$\{?\w+\}?)\1$/;
const configuredRegion = /^aws configure set (?:default\.)?region (["']?)([\w-]+|\$\{?\w+\}?)\1$/;
const tokenFile =
  /^(?:echo|printf)(?: -n| ["']?%s(?:\\n)?["']?)? ["']?\$\{?(\w+)\}?["']? *> *["']?[\w./~${}-]+["']?$/;

/** What a command does, if it belongs to a recipe. */
export function readStep(command: string): Step | undefined {
  return (
    readExchange(command) ??
    readProfile(command) ??
    readVariables(command) ??
    (takingApart.some((pattern) => pattern.test(command))
      ? { kind: 'take-apart', values: profileOf(command) }
      : undefined) ??
    readTokenFile(command)
  );
}

function profileOf(command: string): RecipeValues {
  const [, profile] = /--profile ["']?([\w.-]+)/.exec(command) ?? [];
  return profile === undefined ? {} : { profile };
}

function readVariables(command: string): Step | undefined {
  const [, , where] = region.exec(command) ?? configuredRegion.exec(command) ?? [];
  if (where !== undefined) return { kind: 'region', values: { region: where } };
  const [, name, , value] =
    /^export\s+(AWS_ROLE_ARN|AWS_ROLE_SESSION_NAME|AWS_WEB_IDENTITY_TOKEN_FILE|AWS_PROFILE)=(["']?)(.*)\2$/.exec(
      command,
    ) ?? [];
  if (
    name === undefined ||
    value === undefined ||
    /\$\(|`/.test(value.replace('$(pwd)', '').replace('$(mktemp)', ''))
  )
    return undefined;
  if (name === 'AWS_ROLE_ARN') return { kind: 'profile', values: { roleArn: value } };
  if (name === 'AWS_ROLE_SESSION_NAME') return { kind: 'profile', values: { sessionName: value } };
  if (name === 'AWS_PROFILE') return { kind: 'profile', values: { profile: value } };
  return { kind: 'token-file', values: {} };
}

/** `VAR=$(aws sts assume-role-with-web-identity …)`, in backticks, as an array, or inside export and printf. */
function readExchange(command: string): Step | undefined {
  const [, inner] = captures.map((pattern) => pattern.exec(command)).find((match) => match !== null) ?? [];
  const words = inner === undefined ? undefined : splitWords(inner.replace(/\|\s*jq [^|]*$/, ''));
  if (words === undefined) return undefined;
  const flags = new Map<string, string>();
  for (let at = 0; at < words.length; at++) {
    const { text, computed } = words[at] ?? { text: '', computed: true };
    const [, flag = '', value] = /^--([\w-]+)(?:=(.*))?$/s.exec(text) ?? [];
    if (computed || !knownFlags.has(flag)) return undefined;
    const next = value === undefined && !flagsAlone.has(flag) ? words[++at] : undefined;
    if (next?.computed) return undefined;
    flags.set(flag, value ?? next?.text ?? '');
  }
  const token = flags.get('web-identity-token') ?? '';
  if (!/^\$\{?\w+(?::-[^}]*)?\}?$/.test(token) && !/^file:\/\//.test(token)) return undefined;
  const [roleArn, sessionName, durationSeconds, where] = [
    'role-arn',
    'role-session-name',
    'duration-seconds',
    'region',
  ].map((flag) => flags.get(flag));
  const [, answer] = /^(?:(?:export|local|declare -a)\s+)?(\w+)=/.exec(command) ?? [];
  return {
    kind: 'exchange',
    ...(answer !== undefined && { answer }),
    values: {
      ...variableIn(token),
      ...(roleArn !== undefined && { roleArn }),
      ...(sessionName !== undefined && { sessionName }),
      ...(durationSeconds !== undefined && { durationSeconds }),
      ...(where !== undefined && { region: where }),
    },
  };
}

const call = 'aws(?:\\s+--[\\w-]+(?:\\s+[\\w-]+)?)?\\s+sts\\s+assume-role-with-web-identity\\s+';

const captures: readonly RegExp[] = [
  new RegExp(`^(?:export\\s+)?\\w+=["']?\\$\\(\\s*${call}([\\s\\S]*?)\\s*\\)["']?$`),
  new RegExp(`^(?:export\\s+)?\\w+=["']?\`\\s*${call}([\\s\\S]*?)\\s*\`["']?$`),
  new RegExp(
    `^(?:declare -a\\s+|local\\s+)?\\w+=\\(\\s*["']?\\$\\(\\s*${call}([\\s\\S]*?)\\s*\\)["']?\\s*\\)$`,
  ),
  new RegExp(
    `^export\\s+["']?\\$\\(\\s*printf\\s+["']AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s AWS_SESSION_TOKEN=%s["']\\s+\\$\\(\\s*${call}([\\s\\S]*?)\\s*\\)\\s*\\)["']?$`,
  ),
  new RegExp(`^eval\\s+["']?\\$\\(\\s*${call}([\\s\\S]*?)\\s*\\)["']?$`),
  new RegExp(`^${call}([\\s\\S]*?)\\s*>\\s*["']?[\\w./-]+["']?$`),
  new RegExp(
    `^read(?:\\s+-r)?(?:\\s+${credential}){3}\\s*<<<\\s*["']?\\$\\(\\s*${call}([\\s\\S]*?)\\s*\\)["']?$`,
  ),
];

const knownFlags = new Set([
  'role-arn',
  'role-session-name',
  'web-identity-token',
  'duration-seconds',
  'query',
  'output',
  'region',
  'no-cli-pager',
]);
const flagsAlone = new Set(['no-cli-pager']);

/** `mkdir -p ~/.aws`, and a profile written with echo or printf, or set with the AWS CLI. */
function readProfile(command: string): Step | undefined {
  if (/^mkdir -p (?:~|\$HOME|"\$HOME")\/\.aws\/?$/.test(command)) return { kind: 'token-file', values: {} };
  const [, name, , value, profile] =
    /^aws configure set (role_arn|web_identity_token_file|role_session_name) (["']?)(\S+?)\2(?: --profile ["']?([\w.-]+)["']?)?$/.exec(
      command,
    ) ?? [];
  if (name !== undefined && value !== undefined) {
    const named = profile === undefined ? {} : { profile };
    if (name === 'role_arn') return { kind: 'profile', values: { roleArn: value, ...named } };
    return {
      kind: 'profile',
      values: name === 'role_session_name' ? { sessionName: value, ...named } : named,
    };
  }
  const [, text] =
    /^(?:echo(?: -e)?|printf) (?:"([^"]*)"|'([^']*)') *>>? *(?:~|\$HOME|"\$HOME")\/\.aws\/config$/.exec(
      command,
    ) ?? [];
  return text === undefined ? undefined : readProfileText(text);
}

function readProfileText(text: string): Step | undefined {
  const values: Record<string, string> = {};
  for (const line of text.split(/\\n|\n/).map((one) => one.trim())) {
    const [, profile] = /^\[(?:profile )?([\w.-]+)\]$/.exec(line) ?? [];
    const [, key, value] =
      /^(role_arn|web_identity_token_file|role_session_name|region)\s*=\s*(.+)$/.exec(line) ?? [];
    if (profile !== undefined) values.profile = profile;
    else if (key === 'role_arn') values.roleArn = value ?? '';
    else if (key === 'role_session_name') values.sessionName = value ?? '';
    else if (key === 'region') values.region = value ?? '';
    else if (line !== '' && key === undefined) return undefined;
  }
  return { kind: 'profile', values };
}

/** The token, written where the SDK reads it. */
function readTokenFile(command: string): Step | undefined {
  const [, variable] = tokenFile.exec(command) ?? [];
  const isToken = variable !== undefined && (mentionsLegacy(variable) || /TOKEN|JWT/i.test(variable));
  return isToken ? { kind: 'token-file', values: { token: variable } } : undefined;
}

function variableIn(text: string): RecipeValues {
  const [, token] = /^\$\{?(\w+)/.exec(text) ?? [];
  return token === undefined ? {} : { token };
}

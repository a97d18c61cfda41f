import { hasAnswer, type KnownText } from './known-text.ts';

/** What a recipe writes into `~/.aws`, or where AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE is. */
export interface Profile {
  readonly name: string;
  /** By the names that the AWS CLI has for them. */
  readonly settings: ReadonlyMap<string, KnownText>;
}

/** Settings that say who the profile is for. */
export const isForRole: ReadonlySet<string> = new Set([
  'role_arn',
  'web_identity_token_file',
  'role_session_name',
  'aws_access_key_id',
  'aws_secret_access_key',
  'aws_session_token',
]);

/** The settings that no component's profile has. */
export function furtherSettings({ settings }: Profile): readonly string[] {
  return [...settings.keys()].filter((name) => name !== 'region' && !isForRole.has(name));
}

/** Does it name a role and a token, or hold keys of STS's answer? */
export function isRecipe({ settings }: Profile): boolean {
  return settings.has('web_identity_token_file') || [...settings.values()].some(hasAnswer);
}

/**
 * Reads the text of a configuration or credentials file.
 * https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 *
 * @returns undefined where it is not one
 */
export function readProfiles(text: KnownText): readonly Profile[] | undefined {
  const profiles = new Map<string, Map<string, KnownText>>();
  let current: Map<string, KnownText> | undefined;
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '' || /^[#;]/.test(line)) continue;
    const [, name] = /^\[\s*(?:profile\s+)?["']?([\w.@${}/-]+)["']?\s*\]$/.exec(line) ?? [];
    const [, key, value] = /^([\w-]+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined) {
      current = profiles.get(name) ?? new Map();
      profiles.set(name, current);
    } else if (key === undefined || value === undefined || current === undefined) return undefined;
    else current.set(key, value);
  }
  return [...profiles].map(([name, settings]) => ({ name, settings }));
}

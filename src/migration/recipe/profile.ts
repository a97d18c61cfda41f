import { hasAnswer, type KnownText } from './known-text.ts';

/** A profile in `~/.aws`, or in the file of AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE. */
export interface Profile {
  readonly name: string;
  /** By their names in the AWS CLI. */
  readonly settings: ReadonlyMap<string, KnownText>;
}

/** Settings that determine the role or the keys of a profile. */
export const isForRole: ReadonlySet<string> = new Set([
  'role_arn',
  'web_identity_token_file',
  'role_session_name',
  'aws_access_key_id',
  'aws_secret_access_key',
  'aws_session_token',
]);

/** The settings that a component's profile does not have. */
export function furtherSettings({ settings }: Profile): readonly string[] {
  return [...settings.keys()].filter((name) => name !== 'region' && !isForRole.has(name));
}

/** Does a profile specify a token file, or contain keys from STS's response? */
export function isRecipe({ settings }: Profile): boolean {
  return settings.has('web_identity_token_file') || [...settings.values()].some(hasAnswer);
}

/**
 * Parses a configuration or credentials file.
 * https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
 *
 * @returns undefined if the text is not such a file
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

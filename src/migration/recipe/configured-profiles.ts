import type { Command } from 'unbash';
import { wordsOf } from '../../shell/script.ts';
import type { Evaluator } from './evaluator.ts';
import type { KnownText } from './known-text.ts';
import { type Profile, readProfiles } from './profile.ts';
import type { ShellState } from './shell-state.ts';
import type { Effect } from './touch.ts';

/** The AWS profiles that a script creates, by `aws configure set` or by writing a configuration file. */
export class ConfiguredProfiles {
  readonly #state: ShellState;
  readonly #evaluator: Evaluator;
  /** Settings made by `aws configure set`, by profile. */
  readonly #settings = new Map<string, Map<string, KnownText>>();

  constructor(state: ShellState, evaluator: Evaluator) {
    this.#state = state;
    this.#evaluator = evaluator;
  }

  /** The profiles so far, whether they belong to a recipe or not. */
  all(): readonly Profile[] {
    const written = [...this.#state.files].flatMap(([path, text]) =>
      this.isFile(path) ? (readProfiles(text) ?? []) : [],
    );
    const merged = new Map<string, Map<string, KnownText>>();
    const set = [...this.#settings].map(([name, settings]) => ({ name, settings }));
    for (const { name, settings } of [...written, ...set]) {
      merged.set(name, new Map([...(merged.get(name) ?? []), ...settings]));
    }
    return [...merged].map(([name, settings]) => ({ name, settings }));
  }

  /** Is a path that of a configuration or credentials file? */
  isFile(path: KnownText): boolean {
    if (/^(\$HOME|\/root)\/\.aws\/(config|credentials)$/.test(path)) return true;
    return ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'].some(
      (name) => path === this.#state.path(`$${name}`),
    );
  }

  /** Reads `aws configure set KEY VALUE`, with or without `--profile`. */
  configure(command: Command): Effect {
    const words = wordsOf(command).map((word) => this.#evaluator.text(word));
    const at = words.findIndex((word) => word === '--profile' || word.startsWith('--profile='));
    const named = at < 0 ? undefined : (/=(.*)$/s.exec(words[at] ?? '')?.[1] ?? words[at + 1]);
    const [, , key = '', value = ''] = words.filter(
      (word, index) => !(word.startsWith('--') || (at >= 0 && words[at] === '--profile' && index === at + 1)),
    );
    const [, own, rest] = /^(?:profile\.)?([\w.-]+)\.(\w+)$/.exec(key) ?? [];
    const inUse = this.#state.environment('AWS_PROFILE') ?? this.#state.environment('AWS_DEFAULT_PROFILE');
    const profile = named ?? own ?? inUse ?? 'default';
    const setting = rest ?? key;
    const settings = this.#settings.get(profile) ?? new Map<string, KnownText>();
    this.#settings.set(profile, settings.set(setting, value));
    return { touches: [{ kind: 'profile setting', profile, setting }], isWhole: true };
  }
}

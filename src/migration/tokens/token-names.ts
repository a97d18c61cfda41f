import type { Project } from '../project.ts';
import { declaredTokens, isOnlyAudience, isVariable } from './declared-tokens.ts';
import type { LegacyUse } from './legacy-use.ts';

/** Names of new tokens. Two services need two tokens, because each expects its own audience. */
const tokenNames = { aws: 'GITLAB_OIDC_TOKEN', vault: 'VAULT_ID_TOKEN', other: 'SERVICE_ID_TOKEN' } as const;

/** Names that indicate the service of a token. */
const servicesOfNames = {
  aws: /AWS/i,
  vault: /VAULT/i,
  other: /SIGSTORE|GCP|GOOGLE|AZURE|CONJUR|AKEYLESS|INFISICAL/i,
};

type Declared = readonly [name: string, audiences: readonly string[]];

/** Chooses the names of tokens. */
export class TokenNames {
  readonly #project: Project;
  /** Audiences of the names that were chosen. */
  readonly #chosen = new Map<string, string>();

  constructor(project: Project) {
    this.#project = project;
  }

  /** A token that all jobs of the use declare with this audience only; otherwise an unused name. */
  nameFor(use: LegacyUse, audience: string): string {
    const declared = this.#declaredInAll(use, ([, audiences]) => isOnlyAudience(audiences, audience));
    if (declared !== undefined) return declared;
    const base = tokenNames[use.service];
    for (let number = 1; ; number++) {
      const name = number === 1 ? base : `${base}_${number}`;
      if (this.#isFree(name, use, audience)) return name;
    }
  }

  /** A token that all jobs of the use declare for the same service, with any audience. */
  existing(use: LegacyUse): string | undefined {
    return this.#declaredInAll(use, ([name]) => servicesOfNames[use.service].test(name));
  }

  #declaredInAll({ jobs }: LegacyUse, fits: (one: Declared) => boolean): string | undefined {
    const [first = [], ...others] = [...jobs].map((job) =>
      [...declaredTokens(this.#project.effective(job))].filter(fits).map(([name]) => name),
    );
    return first.find((name) => others.every((names) => names.includes(name)));
  }

  /** Does the name mean nothing else in these jobs? */
  #isFree(name: string, { jobs }: LegacyUse, audience: string): boolean {
    const known = this.#chosen.get(name);
    if (known !== undefined && known !== audience) return false;
    return [...jobs].every((job) => {
      const effective = this.#project.effective(job);
      const audiences = declaredTokens(effective).get(name);
      if (audiences !== undefined && !isOnlyAudience(audiences, audience)) return false;
      if (isVariable(name, effective, this.#project)) return false;
      this.#chosen.set(name, audience);
      return true;
    });
  }
}

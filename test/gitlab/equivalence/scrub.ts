/** What is known about one call in addition to its texts. */
export interface ScrubContext {
  readonly jobId?: string | undefined;
  /** The texts of files that contain only a token, by path. */
  readonly tokens?: Readonly<Record<string, string>>;
}

/** Replaces values that differ from run to run by placeholders. */
export class Scrubber {
  readonly #names: ReadonlyMap<string, string>;

  /** @param names the placeholders of credentials */
  constructor(names: ReadonlyMap<string, string>) {
    this.#names = names;
  }

  text(text: string, { jobId, tokens = {} }: ScrubContext = {}): string {
    let result = text;
    for (const [path, token] of Object.entries(tokens))
      result = result.replaceAll(path, `<file with ${describeToken(token)}>`);
    result = result
      .replace(/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/g, describeToken)
      .replace(/\beyJ[\w-]{100,}={0,2}/g, (claims) => `<claims of ${describeToken(`.${claims}`)}>`)
      .replace(/[A-Za-z0-9+/]{16,}={0,2}/g, (word) => this.#names.get(word) ?? word);
    for (const [pattern, name] of volatile) result = result.replace(pattern, name);
    return jobId === undefined ? result : result.replace(new RegExp(`\\b${jobId}\\b`, 'g'), '<job id>');
  }

  values<T extends string | undefined | null>(
    record: Readonly<Record<string, T>>,
    context: ScrubContext = {},
  ): Readonly<Record<string, string>> {
    return Object.fromEntries(
      Object.entries(record).map(([name, value]) => [name, this.text(value ?? '', context)]),
    );
  }
}

/** The placeholder of a token: `<jwt aud=…>`. */
export function describeToken(token: string): string {
  try {
    const claims = JSON.parse(Buffer.from(token.trim().split('.')[1] ?? '', 'base64url').toString());
    if (claims.aud === undefined) return '<jwt without aud>';
    return `<jwt aud=${[claims.aud].flat().join(' ')}>`;
  } catch {
    return '<jwt?>';
  }
}

/** Values that differ in every run; longer paths first. */
const volatile: readonly (readonly [RegExp, string])[] = [
  [/\/tmp\/pipeline\.\w+\/builds\/[^/\s]+\/\d+\/grp\/app/g, '<project>'],
  [/\/tmp\/pipeline\.\w+\/tmp\b/g, '<tmp>'],
  [/\/tmp\/pipeline\.\w+/g, '<rig>'],
  [/(<tmp>|\/tmp)\/tmp\.\w{6,}/g, '<tmp>/<random>'],
  [/<tmp>\/([\w-]+\.)?(?=[A-Za-z0-9]{0,11}[A-Z0-9])[A-Za-z0-9]{6,12}\b/g, '<tmp>/$1<random>'],
  [/botocore-session-\d+/g, 'botocore-session-<n>'],
  [/\b1[6-9]\d{8}(\d{3})?\b/g, '<time>'],
  [/\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?/g, '<time>'],
  [/\b20\d{12}\b/g, '<time>'],
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<uuid>'],
  [/\bhttp:\/\/127\.0\.0\.1:\d+/g, '<server>'],
  [/\bglcbt-64_faketoken\d+/g, '<job token>'],
];

/** What a stub records about a program that starts or builds containers. */
export interface RawContainer {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  /** The texts of mounted files, by the path here and in the container. */
  readonly mounts?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Texts of compose files. */
  readonly compose?: Readonly<Record<string, string>>;
}

/** What a container gets. */
export interface Container {
  readonly environment: Readonly<Record<string, string>>;
  /** Mounted files that have to do with AWS or with tokens; those of the AWS CLI by section and setting. */
  readonly mounts: Readonly<Record<string, string>>;
}

/** @returns null if the program does not use containers */
export function toContainer(raw: RawContainer, scrub: (text: string) => string): Container | null {
  if (raw.mounts === undefined) return null;
  const environment = { ...composeEnvironment(raw), ...environmentOf(raw) };
  return {
    environment: Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, scrub(value)])),
    mounts: Object.fromEntries(mountsOf(raw).map(([path, text]) => [scrub(path), scrub(text)])),
  };
}

const environmentOption = /^(?:-e|--env|--build-arg)$/;
const environmentWord = /^(?:-e(?=[A-Z_]+(?:=|$))|--env=|--build-arg=)(.+)$/s;

function environmentOf({ args, env, files = {} }: RawContainer): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const set = (given: string) => {
    const [, name = '', value = env[given]] = /^([^=]*)=(.*)$/s.exec(given) ?? ['', given];
    if (value !== undefined) found[name] = value;
  };
  args.forEach((arg, index) => {
    const next = args[index + 1];
    if (environmentOption.test(arg) && next !== undefined) set(next);
    const word = environmentWord.exec(arg)?.[1];
    if (word !== undefined) set(word);
    const file = arg === '--env-file' ? next : /^--env-file=(.+)$/.exec(arg)?.[1];
    if (file !== undefined) for (const line of settingLines(files[file] ?? '')) set(line);
    const secret = /^(?:--secret=)?(?:.*,)?id=([^,]+)/.exec(arg)?.[1];
    const variable = /(?:^|[,=])env=([^,]+)/.exec(arg)?.[1] ?? secret;
    if (secret !== undefined && variable !== undefined && !/(^|,)(src|source)=/.test(arg)) set(variable);
  });
  return found;
}

const settingLines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

/** The variables that a compose file mentions. */
function composeEnvironment({ env, compose = {} }: RawContainer): Readonly<Record<string, string>> {
  const names = Object.values(compose).flatMap((text) => text.match(/\b[A-Z][A-Z0-9_]{2,}\b/g) ?? []);
  return Object.fromEntries(
    [...new Set(names)].flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
}

function mountsOf({ mounts = {} }: RawContainer): readonly (readonly [string, string])[] {
  return Object.entries(mounts).flatMap(([path, texts]) =>
    Object.entries(texts).map(
      ([name, text]) => [name === '' ? path : `${path}/${name}`, canonical(text)] as const,
    ),
  );
}

/** The settings of AWS CLI files, one per line and sorted by name; any other text unchanged. */
function canonical(text: string): string {
  if (!/^\s*\[[\w .-]+\]/.test(text)) return text;
  let section = '';
  const settings = settingLines(text).flatMap((line) => {
    const header = /^\[(?:profile\s+)?(.+)\]$/.exec(line)?.[1];
    if (header === undefined) return [`${section}: ${line.replace(/\s*=\s*/, ' = ')}`];
    section = header;
    return [];
  });
  return settings.sort().join('\n');
}

import { gunzipSync } from 'node:zlib';
import zopfli from '@gfx/zopfli';
import { parseDocument } from 'yaml';

/** Around the block that the build writes; a reader of the template sees where it begins and ends. */
export const startMark =
  '# --- payload: written by "npm run build", checked by "npm run verify", never edited ---';
export const endMark = '# --- end of payload ---';

const heredoc = 'AWS_OIDC_PAYLOAD';
const lineLength = 120;

/** What comes before; every command ends the job where it fails, whatever errexit is set to. */
const unpacking = [
  'AWS_OIDC_DIRECTORY="$(mktemp -d)" || {',
  "  echo 'aws-oidc: no temporary directory can be made.' >&2",
  "  echo '  Set TMPDIR to a directory that this job may write to.' >&2",
  '  exit 2',
  '}',
  'case "$AWS_OIDC_DIRECTORY" in /*) ;; *) AWS_OIDC_DIRECTORY="$PWD/$AWS_OIDC_DIRECTORY" ;; esac',
  `trap 'rm -rf "$AWS_OIDC_DIRECTORY"' EXIT`,
  '# some shells run no EXIT trap when they are stopped',
  "trap 'exit 143' TERM INT HUP",
];

/** A program as text: gzip, by a compressor that takes its time (3 % less for each job), then base64, in lines. */
async function encode(code: Uint8Array): Promise<readonly string[]> {
  const text = Buffer.from(await zopfli.gzipAsync(code, {})).toString('base64');
  return text.match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? [];
}

/**
 * Puts a program into a template, between the marks.
 *
 * @param name what the program's file is called in the job
 * @throws {Error} when the template has no marks
 */
export async function withPayload(template: string, code: Uint8Array, name: string): Promise<string> {
  const start = template.indexOf(startMark);
  const end = template.indexOf(endMark);
  if (start < 0 || end < start) throw new Error('the template has no payload marks');
  const block = [
    startMark,
    '    - |',
    '      # unpack the program that this template carries (how to check it: see the top of the template)',
    ...unpacking.map((line) => `      ${line}`),
    `      base64 -d <<'${heredoc}' | gzip -d > "$AWS_OIDC_DIRECTORY/${name}" || exit 2`,
    ...(await encode(code)).map((line) => `      ${line}`),
    `      ${heredoc}`,
    '    ',
  ];
  return template.slice(0, start) + block.join('\n') + template.slice(end);
}

/**
 * The program that a template carries, found the way GitLab finds it: through YAML.
 *
 * @throws {Error} when there is none, or more than one, or it is no gzip in base64
 */
export function payloadOf(template: string): Uint8Array {
  const configuration = parseDocument(template.slice(template.indexOf('\n---\n') + 1));
  const texts = scriptsOf(configuration.toJS()).flatMap((script) => heredocOf(script) ?? []);
  const [text] = texts;
  if (text === undefined || texts.length > 1) throw new Error('the template carries no payload, or several');
  return gunzipSync(Buffer.from(text, 'base64'));
}

type Jobs = Readonly<Record<string, { readonly before_script?: unknown[]; readonly script?: unknown[] }>>;

function scriptsOf(jobs: Jobs): readonly string[] {
  const scripts = Object.values(jobs).flatMap(({ before_script = [], script = [] }) => [
    ...before_script,
    ...script,
  ]);
  return scripts.map(String);
}

function heredocOf(script: string): string | undefined {
  return new RegExp(`<<'${heredoc}'[^\\n]*\\n([\\s\\S]*)\\n${heredoc}\\n$`).exec(script)?.[1];
}

import { gunzipSync, gzipSync } from 'node:zlib';
import { parseDocument } from 'yaml';

/** Around the block that the build writes; a reader of the template sees where it begins and ends. */
export const startMark =
  '# --- payload: written by "npm run build", checked by "npm run verify", never edited ---';
export const endMark = '# --- end of payload ---';

const heredoc = 'AWS_OIDC_PAYLOAD';
const lineLength = 120;

/** A program as text: gzip, then base64, in lines. */
function encode(code: Uint8Array): readonly string[] {
  const text = gzipSync(code, { level: 9 }).toString('base64');
  return text.match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? [];
}

/**
 * Puts a program into a template, between the marks.
 *
 * @param name what the program's file is called in the job
 * @throws {Error} when the template has no marks
 */
export function withPayload(template: string, code: Uint8Array, name: string): string {
  const start = template.indexOf(startMark);
  const end = template.indexOf(endMark);
  if (start < 0 || end < start) throw new Error('the template has no payload marks');
  const block = [
    startMark,
    // one name for each include: two includes of different versions keep their own programs
    "'.aws-oidc:payload:$[[ inputs.job_name ]]':",
    '  script:',
    '    - |',
    '      # unpack the program that this template carries (how to check it: see the top of the template)',
    `      AWS_OIDC="$(mktemp -d)/${name}"`,
    `      base64 -d <<'${heredoc}' | gzip -d > "$AWS_OIDC"`,
    ...encode(code).map((line) => `      ${line}`),
    `      ${heredoc}`,
    '',
  ];
  return template.slice(0, start) + block.join('\n') + template.slice(end);
}

/**
 * The program that a template carries, found the way GitLab finds it: through YAML.
 *
 * @throws {Error} when there is none, or it is no gzip in base64
 */
export function payloadOf(template: string): Uint8Array {
  const configuration = parseDocument(template.slice(template.indexOf('\n---\n') + 1), {
    customTags: [{ tag: '!reference', collection: 'seq' }],
  });
  const jobs = Object.entries(configuration.toJS() as Record<string, { script?: unknown[] }>);
  const [, job] = jobs.find(([name]) => name.startsWith('.aws-oidc:payload')) ?? [];
  const script = String(job?.script?.[0] ?? '');
  const [, text] = new RegExp(`<<'${heredoc}'[^\\n]*\\n([\\s\\S]*)\\n${heredoc}\\n$`).exec(script) ?? [];
  if (text === undefined) throw new Error('the template carries no payload');
  return gunzipSync(Buffer.from(text, 'base64'));
}

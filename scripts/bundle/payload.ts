import { gunzipSync } from 'node:zlib';
import zopfli from '@gfx/zopfli';
import { parseDocument } from 'yaml';

const heredoc = 'AWS_OIDC_PAYLOAD';
const lineLength = 120;

/**
 * A program as text: compressed with zopfli (slow, but 3 % smaller than gzip), then encoded in base64, in lines
 * for a block of the template.
 */
export async function encodePayload(code: Uint8Array): Promise<string> {
  const text = Buffer.from(await zopfli.gzipAsync(code, {})).toString('base64');
  return (text.match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? []).join('\n');
}

/**
 * The program that a template carries, found as GitLab finds it: in the parsed YAML.
 *
 * @throws {Error} if there is not exactly one, or it is not gzip in base64
 */
export function payloadOf(template: string): Uint8Array {
  const configuration = parseDocument(template.slice(template.indexOf('\n---\n') + 1));
  const texts = scriptsOf(configuration.toJS()).flatMap((script) => heredocOf(script) ?? []);
  const [text] = texts;
  if (text === undefined || texts.length > 1) throw new Error('the template must carry exactly one payload');
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

import { gunzipSync } from 'node:zlib';
import zopfli from '@gfx/zopfli';
import { parseDocument } from 'yaml';

const heredoc = 'AWS_OIDC_PAYLOAD';
const lineLength = 120;

/**
 * A program as text: gzip, by a compressor that takes its time (3 % less for each job), then base64, in lines
 * that a block of the template can hold.
 */
export async function encodePayload(code: Uint8Array): Promise<string> {
  const text = Buffer.from(await zopfli.gzipAsync(code, {})).toString('base64');
  return (text.match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? []).join('\n');
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

import { gunzipSync } from 'node:zlib';
import zopfli from '@gfx/zopfli';
import { parseDocument } from 'yaml';

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
 * The programs that a template carries, by file name, found as GitLab finds them: in the parsed YAML.
 *
 * @throws {Error} if it carries two that differ under one name, or if one is not gzip in base64
 */
export function payloadsOf(template: string): ReadonlyMap<string, Uint8Array> {
  const configuration = parseDocument(template.slice(template.indexOf('\n---\n') + 1));
  const texts = new Map<string, string>();
  for (const script of scriptsOf(configuration.toJS())) {
    const [, name, text] = blocks.map((block) => block.exec(script)).find((match) => match !== null) ?? [];
    if (name === undefined || text === undefined) continue;
    if ((texts.get(name) ?? text) !== text) throw new Error(`the template must carry one ${name}`);
    texts.set(name, text);
  }
  return new Map([...texts].map(([name, text]) => [name, gunzipSync(Buffer.from(text, 'base64'))]));
}

/** The file that a script unpacks to, and the text that it unpacks: in `unpack-program.sh` and `unpack-program.ps1`. */
const blocks = [
  /<<'AWS_OIDC_PAYLOAD'.*"\$AWS_OIDC_DIRECTORY\/([\w-]+\.mjs)".*\n([\s\S]*)\nAWS_OIDC_PAYLOAD\n$/,
  /\n\/\/ ([\w-]+\.mjs)\nconst program = `\n([\s\S]*)\n`;\n/,
];

type Jobs = Readonly<Record<string, { readonly before_script?: unknown[]; readonly script?: unknown[] }>>;

function scriptsOf(jobs: Jobs): readonly string[] {
  const scripts = Object.values(jobs).flatMap(({ before_script = [], script = [] }) => [
    ...before_script,
    ...script,
  ]);
  return scripts.map(String);
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run-program.ts';

/** Every page of the documentation: its path and its text. */
export const pages = [
  'README.md',
  'SECURITY.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
]
  .filter((page) => page.endsWith('.md'))
  .map((page) => [page, readFileSync(join(root, page), 'utf8')] as const);

/** Every code block of a language, with its page. */
export function blocks(language: string): readonly (readonly [place: string, code: string])[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  return pages.flatMap(([page, text]) =>
    [...text.matchAll(fence)].map(([, code = ''], index) => [`${page} #${index + 1}`, code] as const),
  );
}

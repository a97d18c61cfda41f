import { expect } from 'vitest';
import { readSection, writeSection } from '../../scripts/docs-section.ts';

/**
 * Compares a section of a page with a test's results. If UPDATE_DOCS is set, it writes the section instead:
 *
 *     UPDATE_DOCS=1 npx vitest run test/reliability --no-file-parallelism
 */
export function expectSection(page: string, name: string, text: string): void {
  const section = { page, name, writer: 'its test' };
  if (process.env.UPDATE_DOCS) writeSection(section, text);
  else expect(readSection(section)).toBe(`${text}\n`);
}

/** A table in Markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

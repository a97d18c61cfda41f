import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** A part of a page that a program writes, between two marker comments. */
export interface Section {
  readonly page: string;
  readonly name: string;
  /** The test or command that writes it, named in the first marker. */
  readonly writer: string;
}

/**
 * @returns the text between the markers
 * @throws {Error} if the page has no markers for the section
 */
export function readSection(section: Section): string {
  return parts(section).text;
}

/**
 * Replaces the text between the markers.
 *
 * @throws {Error} if the page has no markers for the section
 */
export function writeSection(section: Section, text: string): void {
  const { before, after, path } = parts(section);
  writeFileSync(path, `${before}${text}\n${after}`);
}

function parts({ page, name, writer }: Section) {
  const path = join(root, page);
  const whole = readFileSync(path, 'utf8');
  const start = `<!-- ${name}: written by ${writer} -->\n`;
  const from = whole.indexOf(start) + start.length;
  const to = whole.indexOf(`<!-- end of ${name} -->`, from);
  if (from < start.length || to < 0) throw new Error(`${page} has no markers for "${name}"`);
  return { path, before: whole.slice(0, from), text: whole.slice(from, to), after: whole.slice(to) };
}

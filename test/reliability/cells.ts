import { type Way, ways } from './ways.ts';

/**
 * The exit codes of all ways in one table cell: the most frequent code, then the ways that differ.
 *
 * @param codes a code for each way, by its name
 * @throws {Error} if the code of a way is missing
 */
export function codesCell(codes: ReadonlyMap<string, number>): string {
  const byCode = Map.groupBy(ways, ({ name }) => {
    const code = codes.get(name);
    if (code === undefined) throw new Error(`no exit code for ${name}`);
    return code;
  });
  const [[usual] = [], ...others] = [...byCode].sort(([, a], [, b]) => b.length - a.length);
  return [`${usual}`, ...others.map(([code, differing]) => `${listed(differing)}: ${code}`)].join('; ');
}

const groups: readonly (readonly [name: string, members: readonly Way[]])[] = [
  ['every way', ways],
  ['every way that writes files', ways.filter(({ file }) => file !== undefined)],
  [
    'every way that writes to standard output',
    ways.filter(({ file, format }) => file === undefined && format !== undefined),
  ],
];

/** The ways in one table cell: a group of them with at most two exceptions, or each by its name. */
export function waysCell(names: readonly string[]): string {
  const given = ways.filter(({ name }) => names.includes(name));
  for (const [name, members] of groups) {
    const missing = members.filter((way) => !given.includes(way));
    const isSubset = given.every((way) => members.includes(way));
    if (isSubset && missing.length === 0) return name;
    if (isSubset && missing.length <= 2) return `${name} except ${listed(missing)}`;
  }
  return listed(given);
}

const listed = (some: readonly Way[]) => some.map(({ name }) => `\`${name}\``).join(', ');

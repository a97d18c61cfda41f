import { knownRegions } from './known-regions.ts';

/** A region that differs in more letters (changed, added or removed) is another region, not a typo. */
const maxDistance = 2;

/**
 * The region that a user may have meant; undefined if the AWS SDK knows `region`, or if no known region is
 * similar. This is a hint, not a rule: AWS may have opened the region after this program was built.
 */
export function similarRegion(region: string): string | undefined {
  const regions = knownRegions.split(' ');
  if (regions.includes(region)) return undefined;
  const distances = regions.map((known) => distance(known, region));
  const least = Math.min(...distances);
  return least > maxDistance ? undefined : regions[distances.indexOf(least)];
}

/** The Levenshtein distance. */
function distance(one: string, other: string): number {
  let row = Array.from(other, (_, index) => index + 1);
  for (const [index, letter] of Array.from(one).entries()) {
    let [diagonal, left] = [index, index + 1];
    row = row.map((above, column) => {
      left = Math.min(left + 1, above + 1, diagonal + (letter === other[column] ? 0 : 1));
      diagonal = above;
      return left;
    });
  }
  return row.at(-1) ?? 0;
}

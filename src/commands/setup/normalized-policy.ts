/**
 * A policy in one form, for comparison: IAM returns a list with one value as that value, and its order of keys and list
 * items has no meaning.
 */
export function normalized(policy: unknown): unknown {
  if (Array.isArray(policy)) {
    const items = policy.map(normalized);
    return items.length === 1 ? items[0] : items.toSorted(byText);
  }
  if (typeof policy !== 'object' || policy === null) return policy;
  const entries = Object.entries(policy).map(([key, value]) => [key, normalized(value)] as const);
  return Object.fromEntries(entries.toSorted(byText));
}

function byText(a: unknown, b: unknown): number {
  const [one = '', two = ''] = [JSON.stringify(a), JSON.stringify(b)];
  return one < two ? -1 : Number(one > two);
}

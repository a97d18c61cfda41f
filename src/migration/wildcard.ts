/**
 * Returns a test for the paths that an `include: local` with wildcards matches: `*` matches anything except a slash,
 * `**` matches anything. The time grows with the product of both lengths, for any pattern.
 * https://docs.gitlab.com/ci/yaml/includes/#use-includelocal-with-wildcard-file-paths
 */
export function wildcardMatcher(pattern: string): (path: string) => boolean {
  const parts = pattern.match(/\*\*|\*|[^*]/gu) ?? [];
  return (path) => {
    let reached = withStars(parts, new Set([0]));
    for (const character of path) {
      const next = new Set<number>();
      for (const at of reached) {
        const part = parts[at];
        if (part === '**' || (part === '*' && character !== '/')) next.add(at);
        else if (part === character) next.add(at + 1);
      }
      if (next.size === 0) return false;
      reached = withStars(parts, next);
    }
    return reached.has(parts.length);
  };
}

/** An asterisk can match the empty text. */
function withStars(parts: readonly string[], reached: Set<number>): Set<number> {
  // iteration includes the entries added meanwhile
  for (const at of reached) if (parts[at]?.startsWith('*')) reached.add(at + 1);
  return reached;
}

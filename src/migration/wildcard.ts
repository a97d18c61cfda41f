/**
 * Says which paths an `include: local` with asterisks means: `*` stands for anything but a slash, `**` for anything;
 * every other character is itself. In time that grows with both lengths, whatever the pattern.
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

/** An asterisk may stand for nothing. */
function withStars(parts: readonly string[], reached: Set<number>): Set<number> {
  // a set visits what is added meanwhile
  for (const at of reached) if (parts[at]?.startsWith('*')) reached.add(at + 1);
  return reached;
}

/** Groups nest up to 20 levels: https://docs.gitlab.com/user/group/subgroups/ */
const maxSegments = 22;

/**
 * Whether a text can be the path of a project with its groups, which makes it safe in URLs, policies and logs.
 * https://docs.gitlab.com/user/reserved_names/
 */
export function isProjectPath(text: string): boolean {
  const segments = text.split('/');
  if (segments.length < 2 || segments.length > maxSegments) return false;
  return segments.every((name) => /^[A-Za-z0-9_.][A-Za-z0-9_.-]{0,254}$/.test(name) && !/^\.+$/.test(name));
}

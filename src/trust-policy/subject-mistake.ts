/**
 * Finds a value for `sub` that no token of the issuer's service can have.
 *
 * @returns what to write instead; undefined if there is no mistake, or the service is unknown
 */
export function subjectMistake(value: string, issuer: string): string | undefined {
  // a ref may have any of these characters
  const [path = ''] = value.replace(/\$\{[^}]*\}/g, '').split(':ref:');
  const expression = /^\^|\([^)]*\|[^)]*\)|\\[.dw/]|\.[*+](?=[:/)]|$)/.exec(path);
  if (expression !== null)
    return `IAM has no regular expressions, so "${expression[0]}" is compared literally: use the wildcards * and ? under StringLike, or list the values.`;
  if (/^token\.actions\.githubusercontent\.com(\/|$)/.test(issuer)) return githubMistake(value);
  if (/^oidc\.eks[.-]/.test(issuer)) return kubernetesMistake(value);
  return undefined;
}

/** https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims */
function githubMistake(value: string): string | undefined {
  const example = 'Write repo:OWNER/REPOSITORY:ref:refs/heads/BRANCH.';
  const [, path = '', context] = /^repo:([^:]*)(?::(.*))?$/s.exec(value) ?? [];
  const isWild = (text: string) => /[*?]/.test(text);
  if (!value.startsWith('repo:')) return /^[^:*?]+\/[^:*?]+:/.test(value) ? example : undefined;
  if (isWild(path)) return undefined;
  if (!path.includes('/') || context === undefined) return isWild(value) ? undefined : example;
  const isRight = /^(pull_request$|ref:(refs\/(heads|tags|pull)\/|[^r])|(?!ref:)[a-z_]+:)/.test(context);
  return isRight || isWild(context.slice(0, 'ref:refs/heads/'.length)) ? undefined : example;
}

/** https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html */
function kubernetesMistake(value: string): string | undefined {
  const isWild = /[*?]/.test(value);
  const isRight = isWild
    ? !/^[^*?]{22}/.test(value) || value.startsWith('system:serviceaccount:')
    : /^system:serviceaccount:[^:]+:[^:]+$/.test(value);
  return isRight ? undefined : 'Write system:serviceaccount:NAMESPACE:SERVICE_ACCOUNT.';
}

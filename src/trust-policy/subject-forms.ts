import { azureDevopsSubject } from './azure-devops-subject.ts';
import { bitbucketSubject } from './bitbucket-subject.ts';
import type { Breadth } from './breadth.ts';
import { circleciSubject } from './circleci-subject.ts';
import { githubSubject } from './github-subject.ts';
import { gitlabSubject } from './gitlab-subject.ts';
import { kubernetesSubject } from './kubernetes-subject.ts';
import { namedPartsSubject } from './named-parts-subject.ts';
import type { SubjectForm } from './subject-form.ts';

type FormOfIssuer = (issuer: string) => SubjectForm;

/** The issuers of known services. */
const byIssuer: readonly (readonly [issuers: RegExp, form: FormOfIssuer])[] = [
  [/^token\.actions\.githubusercontent\.com(\/|$)|\/_services\/token$/, githubSubject],
  [/^oidc\.circleci\.com\/org\//, circleciSubject],
  [/^oidc\.eks[.-]/, kubernetesSubject],
  [/^api\.bitbucket\.org\//, bitbucketSubject],
  [/^vstoken\.dev\.azure\.com\//, azureDevopsSubject],
  [
    /^(app\.terraform\.io|app\.eu\.terraform\.io|agent\.buildkite\.com|oidc\.codefresh\.io|oidc\.vercel\.com)(\/|$)/,
    namedPartsSubject,
  ],
];

/** Forms that are recognized by how they begin, for issuers with a name of their own. */
const byStart: readonly (readonly [start: RegExp, form: FormOfIssuer])[] = [
  [/^project_path:/, gitlabSubject],
  [/^repo:/, githubSubject],
  [/^org\//, circleciSubject],
  [/^system:serviceaccount:/, kubernetesSubject],
];

/** The form of a pattern for `sub`: by how it begins, else by the issuer, else GitLab's. */
export function subjectForm(pattern: string, issuer: string): SubjectForm {
  const [, create] =
    byStart.find(([start]) => start.test(pattern)) ??
    byIssuer.find(([issuers]) => issuers.test(issuer)) ??
    [];
  return (create ?? gitlabSubject)(issuer);
}

/**
 * Replaces what is too broad in a pattern by placeholders in capitals. For an issuer of an unknown service, the whole
 * value becomes one.
 *
 * @returns undefined if a person must decide
 */
export function subjectTemplate(pattern: string, issuer: string): string | undefined {
  const isKnown = [...byIssuer, [/gitlab/i] as const].some(([issuers]) => issuers.test(issuer));
  if (!isKnown && !byStart.some(([start]) => start.test(pattern))) return 'SUBJECT';
  return subjectForm(pattern, issuer).template(pattern);
}

/** Classifies a pattern with the wildcards `*` and `?`. */
export function subjectBreadth(pattern: string, issuer: string): Breadth {
  return isOwnSubject(pattern) ? 'anyone' : subjectForm(pattern, issuer).breadth(pattern);
}

/** Describes everyone whose token has a matching `sub`, in words. */
export function describePattern(pattern: string, issuer: string): string {
  return subjectForm(pattern, issuer).describe(pattern);
}

/** The same for a value that is compared literally. */
export function describeValue(value: string, issuer: string): string {
  return /[*?]/.test(value) ? `tokens of ${issuer} whose sub is "${value}"` : describePattern(value, issuer);
}

/** Does it contain a variable for the token's own sub, which every token matches? */
export function isOwnSubject(value: string): boolean {
  return [...value.matchAll(/\$\{([^{}]*)\}/g)].some(([, name = '']) => /:sub\b/.test(name));
}

/** A link on the page of a job. */
export interface Link {
  /** At most 255 characters. */
  readonly label: string;
  readonly url: string;
}

/**
 * A report for `artifacts:reports:annotations`.
 * Format: https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsannotations
 */
export function formatLinks(heading: string, links: readonly Link[]): string {
  const report = { [heading]: links.map(({ label, url }) => ({ external_link: { label, url } })) };
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** A report without a link. */
export const noAnnotations = '{}\n';

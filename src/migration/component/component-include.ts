/** A component to include. */
export interface ComponentInclude {
  readonly name: 'same-job' | 'web-identity';
  readonly inputs: Readonly<Record<string, string>>;
  /** Distinguishes several includes of one component; empty for the first. */
  readonly suffix: string;
}

/** The default names of the components' hidden jobs. */
export const hiddenJobs = {
  'same-job': '.aws-credentials',
  'web-identity': '.aws-web-identity',
};

/** The lines of its entry in a list of includes. */
export function includeLines(
  { name, inputs, suffix }: ComponentInclude,
  { component, version }: { readonly component: string; readonly version: string },
): readonly string[] {
  const own = suffix === '' ? inputs : { ...inputs, job_name: `${hiddenJobs[name]}${suffix}` };
  return [
    `- component: ${component}/${name}@${version}`,
    '  inputs:',
    ...Object.entries(own).map(
      ([input, value]) => `    ${input}: ${input === 'duration' ? value : quoted(value)}`,
    ),
  ];
}

/** A plain scalar, or a quoted one if YAML would read a plain one differently. */
export function quoted(text: string): string {
  if (
    /^[\w$./-][\w$./:@+=,{}-]*$/.test(text) &&
    !/^[\d.+-]+$|:$|^(true|false|null|yes|no|on|off|~)$/i.test(text)
  )
    return text;
  return `'${text.replaceAll("'", "''")}'`;
}

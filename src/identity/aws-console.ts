/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html, and the console of each partition */
const hosts: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
  'aws-eusc': 'console.amazonaws-eusc.eu',
};

/**
 * The address of a page in the AWS Management Console; undefined if the partition's console is not known.
 *
 * @param region undefined for a service that is global, such as IAM
 */
export function consoleUrl(partition: string, region: string | undefined, page: string): URL | undefined {
  const host = hosts[partition];
  if (host === undefined) return undefined;
  return new URL(`https://${region === undefined ? '' : `${region}.`}${host}${page}`);
}

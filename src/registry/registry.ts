import { RuleError } from '../errors.ts';

/** A registry of Amazon ECR. */
export interface Registry {
  /** As images name it: `111111111111.dkr.ecr.eu-central-1.amazonaws.com`, `public.ecr.aws`. */
  readonly host: string;
  /** The region that issues its tokens; tokens for the public registry come from us-east-1. */
  readonly region: string;
  readonly isPublic: boolean;
}

/** https://docs.aws.amazon.com/AmazonECR/latest/public/public-registries.html */
const publicHosts = ['public.ecr.aws', 'ecr-public.aws.com'];

/** https://docs.aws.amazon.com/general/latest/gr/ecr-public.html */
const publicRegion = 'us-east-1';

/** The domains of all partitions; the second of a pair is for IPv6 (dual stack). */
const domains =
  'amazonaws\\.com|on\\.aws|amazonaws\\.com\\.cn|on\\.amazonwebservices\\.com\\.cn|amazonaws\\.eu|on\\.amazonwebservices\\.eu|c2s\\.ic\\.gov|sc2s\\.sgov\\.gov|cloud\\.adc-e\\.uk|csp\\.hci\\.ic\\.gov';

/** https://docs.aws.amazon.com/general/latest/gr/ecr.html */
const privateHost = new RegExp(
  `^\\d{12}\\.dkr[.-]ecr(?:-fips)?\\.([a-z]{2,4}(?:-[a-z]+)+-\\d{1,2})\\.(?:${domains})$`,
);

/** @throws {RuleError} unless `text` is the host of a registry of Amazon ECR */
export function parseRegistry(text: string): Registry {
  if (publicHosts.includes(text)) return { host: text, region: publicRegion, isPublic: true };
  const region = privateHost.exec(text)?.[1];
  if (region !== undefined) return { host: text, region, isPublic: false };
  throw new RuleError(
    'must be the host of an Amazon ECR registry',
    /[/:]/.test(text)
      ? 'Leave out "https://", and the repository and tag.'
      : 'For example 111111111111.dkr.ecr.eu-central-1.amazonaws.com, or public.ecr.aws.',
  );
}

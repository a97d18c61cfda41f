import { join } from 'node:path';
import { root } from './bundle.ts';

/** The module of the SDK that lists AWS's partitions and their regions; it is not among its exports. */
const partitions =
  'node_modules/@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js';

/** The source file that lists the regions that the AWS SDK knows. */
export const knownRegionsFile = 'src/exchange/known-regions.ts';

/** The contents of that file. */
export async function knownRegionsSource(): Promise<string> {
  const { partitionsInfo } = (await import(join(root, partitions))) as {
    partitionsInfo: { partitions: readonly { regions: Readonly<Record<string, unknown>> }[] };
  };
  const names = partitionsInfo.partitions.flatMap(({ regions }) => Object.keys(regions));
  const regions = names.filter((name) => !name.endsWith('-global')).sort();
  return `// Written by "npm run build" from the AWS SDK's list of partitions; do not edit.
export const knownRegions =
  '${regions.join(' ')}';
`;
}

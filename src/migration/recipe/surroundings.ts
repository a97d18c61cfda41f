import type { Repository } from '../repository.ts';
import type { Reading, Step } from './reading.ts';

/** Everything in a job except its recipe. */
export interface Surroundings {
  /** The commands in the recipe's shell that are kept. */
  readonly kept: readonly Step[];
  /** The other shell: `after_script`. */
  readonly after: Reading;
  /** Texts of the job that are not scripts: artifacts, cache. */
  readonly texts: readonly string[];
  readonly repository: Repository;
  /** The value of a variable that the script or the pipeline's files set. */
  readonly environment: (name: string) => string | undefined;
}

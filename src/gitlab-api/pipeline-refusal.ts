import { AwsOidcError } from '../errors.ts';
import type { GitlabFailure } from './failure.ts';

/** What GitLab answers if it starts no pipeline, what it means, and what to do. */
const reasons: readonly (readonly [says: RegExp, message: string, hint: string])[] = [
  [
    /reference not found/i,
    'GitLab does not have this branch or tag.',
    'Push it, then run the command again.',
  ],
  [
    /missing (ci config|\S+\.ya?ml) file/i,
    'GitLab found no pipeline configuration on this branch or tag.',
    'Commit and push the configuration file, then run the command again.',
  ],
  [
    /no stages|would have been empty|rules configuration prevented|filtered out by workflow/i,
    "The rules of the pipeline's configuration leave no job for this branch or tag.",
    'Pipelines that are started with the API have CI_PIPELINE_SOURCE "api": allow it in the rules, or push a commit instead.',
  ],
  [
    /variables|\binputs?\b/i,
    'The pipeline needs inputs or variables, or the project does not allow them.',
    'Start the pipeline in the web interface: Build > Pipelines > New pipeline.',
  ],
  [
    /permission/i,
    'The token may not start a pipeline on this branch or tag.',
    'If the branch or tag is protected, the user of the token must be allowed to merge, push or create it.',
  ],
  [
    /verification/i,
    'GitLab requires a verification of the user before it starts pipelines.',
    'Open the pipelines of the project in a browser and follow the instructions.',
  ],
];

/** An error for a pipeline that GitLab did not create; what GitLab said is recognized, not repeated. */
export function notStarted({ says }: GitlabFailure): AwsOidcError {
  const [, message, hint] = reasons.find(([pattern]) => pattern.test(says)) ?? [
    undefined,
    'GitLab did not start the pipeline: its configuration is probably invalid.',
    'Open Build > Pipeline editor of the project, which shows the errors.',
  ];
  return new AwsOidcError('REFUSED', message, { hint });
}

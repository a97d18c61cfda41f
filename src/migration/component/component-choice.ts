import { isSeq } from 'yaml';
import { isMapping, memberOf, membersOf } from '../located.ts';
import type { Project } from '../project.ts';
import { obstacleIn } from '../recipe/dependents.ts';
import { keyReader } from '../recipe/key-reader.ts';
import { byHand, type Obstacle } from '../recipe/obstacle.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { keysNotExported } from '../recipe/recipe-source.ts';
import type { Surroundings } from '../recipe/surroundings.ts';
import { scalarsIn } from '../scalars.ts';
import { secretWithoutToken } from '../tokens/declared-tokens.ts';
import { type Choice, inputsFor, regionFor } from './component-inputs.ts';
import type { JobRecipe } from './job-plan.ts';
import { audienceOf, takenName, unknownAudience } from './token-conflicts.ts';

/**
 * The component that replaces a job's recipe, or why none can.
 *
 * @param requested the audience that the user specified
 */
export function chooseComponent(
  { found, job }: JobRecipe,
  project: Project,
  requested: string | undefined,
): Choice | Obstacle {
  if ('message' in found) return found === keysNotExported ? handedOn(job, project) : found;
  const { recipe, around, reading } = found;
  const audience = audienceOf(recipe, job, project) ?? requested;
  if (typeof audience === 'object') return audience;
  const obstacle =
    obstacleIn(recipe, around) ??
    unseenPart(job, project) ??
    unknownAudience(recipe, job, project, requested) ??
    takenName(job, project, audience);
  if (obstacle !== undefined) return obstacle;
  const name = componentFor(recipe, around, job, project);
  if (typeof name !== 'string') return name;
  if (['EXIT', '0'].some((signal) => reading.state.trapped.has(signal))) {
    return byHand(`the job sets a trap for EXIT, and so does "${name}"`);
  }
  const region = regionFor(name, recipe, reading);
  if (typeof region === 'object') return region;
  return inputsFor(name, recipe, around, audience, region);
}

/** A job that gets credentials for other jobs must be replaced by hand. */
function handedOn(job: string, project: Project): Obstacle {
  const reports = memberOf(project.effective(job).get('artifacts')?.at(-1), 'reports');
  if (reports === undefined || !isMapping(reports) || !membersOf(reports).has('dotenv')) {
    return keysNotExported;
  }
  return {
    message: 'it passes its keys to other jobs in a dotenv report',
    remedy:
      'Replace the job with the component "assume-role", which does the same, and give it the rules of the job.',
  };
}

/** A part of the job that was not read: it may need what the recipe creates. */
function unseenPart(job: string, project: Project): Obstacle | undefined {
  const parent = [...project.ancestors(job)].find((name) => project.mapping(name).length === 0);
  if (parent !== undefined)
    return byHand(`the job extends "${parent}", which is not in the files that were read`);
  const isReferred = project.mapping(job).some((one) => isSeq(membersOf(one).get('variables')?.node));
  if (isReferred)
    return byHand('the variables of the job are a reference, which would override those of a component');
  const secret = secretWithoutToken(project.effective(job));
  if (secret !== undefined)
    return byHand(
      `the secret "${secret}" of the job specifies no token, which GitLab requires once the job has two`,
    );
  if (project.effective(job).has('script')) return undefined;
  return byHand('the script of the job is not in the files that were read');
}

function componentFor(
  recipe: Recipe,
  around: Surroundings,
  job: string,
  project: Project,
): Choice['name'] | Obstacle {
  const need = recipe.isForSdk ? undefined : keyReader(recipe, around);
  if (need === undefined) return isLong(recipe) ? (presigned(around) ?? 'web-identity') : 'web-identity';
  const keys = `"${need}" reads the keys directly`;
  if (recipe.values.profile !== undefined)
    return byHand(`${keys}, in addition to the profile "${recipe.values.profile}"`);
  if (recipe.values.duration !== undefined && !/^\d+$/.test(recipe.values.duration)) {
    return byHand(`${keys}, and the duration is a variable, which "same-job" does not accept`);
  }
  if (nodeImages.test(imageOf(job, project))) return 'same-job';
  return {
    message: `${keys}, which requires "same-job", and the job's image is not known to contain Node`,
    remedy:
      'Use an image with Node and "same-job", or the component "assume-role"; until then, the recipe works with its ID token.',
  };
}

/** Images that are known to contain Node. */
const nodeImages =
  /(^|\/)((cimg\/)?node(js)?([:@-]|$)|playwright([:@]|$)|cypress\/(base|browsers|included|factory)([:@]|$))/;

/** Is the session longer than the one that an SDK requests itself? */
function isLong({ values: { duration } }: Recipe): boolean {
  return duration !== undefined && !(Number(duration) <= 3600);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ShareObjectPreSignedURL.html */
function presigned({ kept }: Surroundings): Obstacle | undefined {
  const step = kept.find(({ command }) => /\bpresign/.test(command.text));
  return (
    step &&
    byHand('the job presigns URLs, which expire with the session, and an SDK requests a shorter session')
  );
}

function imageOf(job: string, project: Project): string {
  const image = project.effective(job).get('image')?.at(-1);
  const name = image !== undefined && isMapping(image) ? memberOf(image, 'name') : image;
  return name === undefined ? '' : (scalarsIn(name, project).map(({ node }) => String(node.value))[0] ?? '');
}

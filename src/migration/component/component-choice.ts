import { isMap, isSeq, type YAMLMap } from 'yaml';
import { type Located, membersOf, type Project, scalarsIn } from '../project.ts';
import { obstacleIn } from '../recipe/dependents.ts';
import { keyReader } from '../recipe/key-reader.ts';
import { isKnown } from '../recipe/known-text.ts';
import { byHand, type Obstacle } from '../recipe/obstacle.ts';
import type { Reading } from '../recipe/reading.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { keysNotExported } from '../recipe/recipe-source.ts';
import type { Surroundings } from '../recipe/surroundings.ts';
import { declaredTokens, isSameAudience, secretWithoutToken } from '../tokens/id-token-entry.ts';
import { hadNoAudience } from '../tokens/legacy-variable.ts';
import type { ComponentInclude } from './component-include.ts';
import type { JobRecipe } from './job-plan.ts';

/** A component with its inputs, for one job. */
export type Choice = Pick<ComponentInclude, 'name' | 'inputs'>;

/** What stands in for a job's recipe, or why nothing does. */
export function chooseComponent(
  one: JobRecipe,
  project: Project,
  asked: string | undefined,
): Choice | Obstacle {
  if ('message' in one.found) return one.found === keysNotExported ? handedOn(one.job, project) : one.found;
  const { recipe, around, reading } = one.found;
  const { job } = one;
  const audience = audienceOf(recipe, job, project) ?? asked;
  if (typeof audience === 'object') return audience;
  const obstacle =
    obstacleIn(recipe, around) ??
    unseenPart(job, project) ??
    unknownAudience(recipe, job, project, asked) ??
    takenName(job, project, audience);
  if (obstacle !== undefined) return obstacle;
  const name = componentFor(recipe, around, job, project);
  if (typeof name !== 'string') return name;
  if (['EXIT', '0'].some((signal) => reading.state.trapped.has(signal))) {
    return byHand(`the job sets a trap for EXIT, and so does "${name}"`);
  }
  const region = regionFor(name, recipe, reading);
  if (typeof region === 'object') return region;
  return inputsOf(name, one.found, audience, region);
}

/** A job that makes credentials for others: what that becomes, a person has to write. */
function handedOn(job: string, project: Project): Obstacle {
  const artifacts = project.effective(job).get('artifacts')?.at(-1);
  const reports =
    artifacts && isMap(artifacts.node) ? membersOf(artifacts as Located<YAMLMap>).get('reports') : undefined;
  if (
    reports === undefined ||
    !isMap(reports.node) ||
    !membersOf(reports as Located<YAMLMap>).has('dotenv')
  ) {
    return keysNotExported;
  }
  return {
    message: 'it hands its keys to other jobs by a dotenv report',
    remedy:
      'Put the component "assume-role" in the place of the job: this is what it does, and it needs its rules.',
  };
}

/** The only audience of the token that the recipe uses; undefined for the instance's own address. */
function audienceOf({ values }: Recipe, job: string, project: Project): string | Obstacle | undefined {
  const audiences = declaredTokens(project.effective(job)).get(values.token);
  if (audiences === undefined) return undefined;
  const [audience, ...others] = audiences;
  if (audience === undefined || others.length > 0) {
    return {
      message: 'its token has several audiences, or one that is not known here',
      remedy: 'Declare one with the audience of the IAM provider.',
    };
  }
  return audience;
}

/** The component's token has a name that the job must not use for another one. */
function takenName(job: string, project: Project, audience: string | undefined): Obstacle | undefined {
  const effective = project.effective(job);
  const audiences = declaredTokens(effective).get('GITLAB_OIDC_TOKEN');
  const isSame = audiences?.length === 1 && isSameAudience(audiences[0] ?? '', audience ?? '$CI_SERVER_URL');
  const variables = [...project.mapping('variables'), ...(effective.get('variables') ?? [])];
  const isVariable = variables.some(
    (one) => isMap(one.node) && membersOf(one as Located<YAMLMap>).has('GITLAB_OIDC_TOKEN'),
  );
  if ((audiences === undefined || isSame) && !isVariable) return undefined;
  return byHand('its job has a GITLAB_OIDC_TOKEN that is for something else, and so has the component');
}

function unknownAudience(
  { values }: Recipe,
  job: string,
  project: Project,
  asked: string | undefined,
): Obstacle | undefined {
  const { token } = values;
  if (declaredTokens(project.effective(job)).has(token) || asked !== undefined) return undefined;
  if (hadNoAudience(token)) {
    return {
      message: `${token} had no audience that AWS takes: which one is right, only a person can tell`,
      remedy: 'Run again with --audience and the audience of the IAM provider.',
    };
  }
  if (token === 'CI_JOB_JWT_V2') return undefined;
  return byHand(`its token "${token}" is declared nowhere in the files that were looked at`);
}

/** A job of which a part stands in a file that was not looked at: who knows what it reads? */
function unseenPart(job: string, project: Project): Obstacle | undefined {
  const parent = [...project.ancestors(job)].find((name) => project.mapping(name).length === 0);
  if (parent !== undefined)
    return byHand(`its job extends "${parent}", which stands in a file that was not looked at`);
  const isReferred = project.mapping(job).some((one) => isSeq(membersOf(one).get('variables')?.node));
  if (isReferred)
    return byHand('the variables of its job are a reference, which would hide those of a component');
  const secret = secretWithoutToken(project.effective(job));
  if (secret !== undefined)
    return byHand(
      `the secret "${secret}" of its job names no token: with a second one, GitLab does not know which to take`,
    );
  if (project.effective(job).has('script')) return undefined;
  return byHand('the script of its job stands in a file that was not looked at');
}

function componentFor(
  recipe: Recipe,
  around: Surroundings,
  job: string,
  project: Project,
): Choice['name'] | Obstacle {
  const need = recipe.isForSdk ? undefined : keyReader(recipe, around);
  if (need === undefined) return isLong(recipe) ? (presigned(around) ?? 'web-identity') : 'web-identity';
  const keys = `"${need}" reads the keys themselves`;
  if (recipe.values.profile !== undefined)
    return byHand(`${keys}, beside the profile "${recipe.values.profile}"`);
  if (recipe.values.duration !== undefined && !/^\d+$/.test(recipe.values.duration)) {
    return byHand(`${keys}, and the duration is a variable, which "same-job" does not take`);
  }
  if (nodeImages.test(imageOf(job, project))) return 'same-job';
  return {
    message: `${keys}, which "same-job" exports, and no Node is known to be in the job's image`,
    remedy:
      'Use an image with Node and "same-job", or the component "assume-role"; until then the recipe works with its ID token.',
  };
}

/** Images that are known to have Node. */
const nodeImages =
  /(^|\/)((cimg\/)?node(js)?([:@-]|$)|playwright([:@]|$)|cypress\/(base|browsers|included|factory)([:@]|$))/;

/** Longer than the session that an SDK asks for by itself. */
function isLong({ values: { duration } }: Recipe): boolean {
  return duration !== undefined && !(Number(duration) <= 3600);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ShareObjectPreSignedURL.html */
function presigned({ kept }: Surroundings): Obstacle | undefined {
  const step = kept.find(({ command }) => /\bpresign/.test(command.text));
  return (
    step &&
    byHand(
      'what it signs is valid for as long as the session, which is longer than an SDK asks for by itself',
    )
  );
}

function imageOf(job: string, project: Project): string {
  const image = project.effective(job).get('image')?.at(-1);
  if (image === undefined) return '';
  const name = isMap(image.node) ? membersOf(image as Located<never>).get('name') : image;
  return name === undefined ? '' : (scalarsIn(name, project).map(({ node }) => String(node.value))[0] ?? '');
}

/** Only the job's own region counts; that of the call alone was for STS. */
function regionFor(name: Choice['name'], { values }: Recipe, { state }: Reading): string | Obstacle {
  const own = ['AWS_REGION', 'AWS_DEFAULT_REGION'].flatMap((variable) => state.environment(variable) ?? []);
  if (values.region !== undefined) {
    const region = state.resolved(values.region);
    const other = own.find((one) => one !== region);
    if (other !== undefined)
      return byHand(`its profile has the region "${region}", and the job has "${other}"`);
    return isKnown(region) ? region : byHand('the region of its profile is made by the shell');
  }
  if (name === 'web-identity') return '';
  const [first, ...others] = own;
  if (others.some((one) => one !== first))
    return byHand('AWS_REGION and AWS_DEFAULT_REGION of its job differ');
  if (first === undefined) return '';
  return isKnown(first) ? first : byHand('the region is made by the shell');
}

function inputsOf(
  name: Choice['name'],
  { recipe: { values }, around }: { readonly recipe: Recipe; readonly around: Surroundings },
  audience: string | undefined,
  region: string,
): Choice | Obstacle {
  const { roleArn, sessionName, duration, profile } = values;
  const isNamed = around.kept.some(({ command }) => command.text.includes('--profile'));
  const isOther = audience !== undefined && !/^\$\{?CI_SERVER_URL\}?$/.test(audience);
  const inputs: Record<string, string> = {
    role_arn: roleArn,
    ...(isOther && { audience }),
    ...(region !== '' && { region }),
    ...(sessionName !== undefined && !isDefaultSessionName(sessionName) && { session_name: sessionName }),
    // the SDK asks again by itself where web-identity is used
    ...(duration !== undefined && duration !== '3600' && name !== 'web-identity' && { duration }),
    ...(profile !== undefined && (profile !== 'default' || isNamed) && { profile }),
  };
  const odd = Object.entries(inputs).find(([, value]) => /['\r\n]/.test(value));
  return odd === undefined
    ? { name, inputs }
    : byHand(`its ${odd[0].replace('_', ' ')} has a character that no input takes`);
}

/** The component's own, however its variables are written. */
function isDefaultSessionName(name: string): boolean {
  return name.replace(/[{}]/g, '') === 'GitLabRunner-$CI_PROJECT_ID-$CI_PIPELINE_ID';
}

import type { Project } from '../project.ts';
import { byHand, type Obstacle } from '../recipe/obstacle.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { declaredTokens, isOnlyAudience, isVariable } from '../tokens/declared-tokens.ts';
import { hadNoAudience } from '../tokens/legacy-variable.ts';

/** The only audience of the recipe's token; undefined for the instance's own address. */
export function audienceOf({ values }: Recipe, job: string, project: Project): string | Obstacle | undefined {
  const audiences = declaredTokens(project.effective(job)).get(values.token);
  if (audiences === undefined) return undefined;
  const [audience, ...others] = audiences;
  if (audience === undefined || others.length > 0) {
    return {
      message: 'its token has several audiences, or one that cannot be determined',
      remedy: 'Declare a token whose only audience is that of the IAM identity provider.',
    };
  }
  return audience;
}

/** Does the job use the name of the component's token for something else? */
export function takenName(job: string, project: Project, audience: string | undefined): Obstacle | undefined {
  const effective = project.effective(job);
  const audiences = declaredTokens(effective).get('GITLAB_OIDC_TOKEN');
  const isSame = audiences === undefined || isOnlyAudience(audiences, audience ?? '$CI_SERVER_URL');
  if (isSame && !isVariable('GITLAB_OIDC_TOKEN', effective, project)) return undefined;
  return byHand('the job uses the name GITLAB_OIDC_TOKEN for something else, and the component needs it');
}

/** @param requested the audience that the user specified */
export function unknownAudience(
  { values }: Recipe,
  job: string,
  project: Project,
  requested: string | undefined,
): Obstacle | undefined {
  const { token } = values;
  if (declaredTokens(project.effective(job)).has(token) || requested !== undefined) return undefined;
  if (hadNoAudience(token)) {
    return {
      message: `${token} had no audience that AWS accepts, so you must specify one`,
      remedy: 'Run this again with --audience and the audience of the IAM identity provider.',
    };
  }
  if (token === 'CI_JOB_JWT_V2') return undefined;
  return byHand(`its token "${token}" is not declared in the files that were read`);
}

import { isKnown } from '../recipe/known-text.ts';
import { byHand, type Obstacle } from '../recipe/obstacle.ts';
import type { Reading } from '../recipe/reading.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Surroundings } from '../recipe/surroundings.ts';
import type { ComponentInclude } from './component-include.ts';

/** A component with its inputs, for one job. */
export type Choice = Pick<ComponentInclude, 'name' | 'inputs'>;

/** The job's own region. A region of the call alone was only for STS. */
export function regionFor(name: Choice['name'], { values }: Recipe, { state }: Reading): string | Obstacle {
  const own = ['AWS_REGION', 'AWS_DEFAULT_REGION'].flatMap((variable) => state.environment(variable) ?? []);
  if (values.region !== undefined) {
    const region = state.resolved(values.region);
    const other = own.find((one) => one !== region);
    if (other !== undefined)
      return byHand(`the region of its profile is "${region}", but that of the job is "${other}"`);
    return isKnown(region) ? region : byHand('the region of its profile is computed by the shell');
  }
  if (name === 'web-identity') return '';
  const [first, ...others] = own;
  if (others.some((one) => one !== first))
    return byHand('AWS_REGION and AWS_DEFAULT_REGION differ in the job');
  if (first === undefined) return '';
  return isKnown(first) ? first : byHand('the region is computed by the shell');
}

/** The inputs that differ from the component's defaults. */
export function inputsFor(
  name: Choice['name'],
  { values: { roleArn, sessionName, duration, profile } }: Recipe,
  { kept }: Surroundings,
  audience: string | undefined,
  region: string,
): Choice | Obstacle {
  const isNamed = kept.some(({ command }) => command.text.includes('--profile'));
  const isOther = audience !== undefined && !/^\$\{?CI_SERVER_URL\}?$/.test(audience);
  const inputs: Record<string, string> = {
    role_arn: roleArn,
    ...(isOther && { audience }),
    ...(region !== '' && { region }),
    ...(sessionName !== undefined && !isDefaultSessionName(sessionName) && { session_name: sessionName }),
    // with web-identity, the SDK refreshes its credentials itself
    ...(duration !== undefined && duration !== '3600' && name !== 'web-identity' && { duration }),
    ...(profile !== undefined && (profile !== 'default' || isNamed) && { profile }),
  };
  const odd = Object.entries(inputs).find(([, value]) => /['\r\n]/.test(value));
  return odd === undefined
    ? { name, inputs }
    : byHand(`its ${odd[0].replace('_', ' ')} contains a character that inputs do not accept`);
}

/** The component's own default, with or without braces. */
function isDefaultSessionName(name: string): boolean {
  return name.replace(/[{}]/g, '') === 'GitLabRunner-$CI_PROJECT_ID-$CI_PIPELINE_ID';
}

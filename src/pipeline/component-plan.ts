import type { YAMLMap } from 'yaml';
import type { ComponentInclude } from './component-include.ts';
import type { FoundRecipe } from './found-recipe.ts';
import { declaredTokens } from './id-token-entry.ts';
import { usesVariable } from './legacy-variable.ts';
import type { Note } from './note.ts';
import { type Located, membersOf, type Project, scalarsIn, textsOf } from './project.ts';
import { isRecipeStep, looksLikeRecipe, type Recipe } from './recipe.ts';

type ComponentName = ComponentInclude['name'];

/** What stands in for a recipe. */
export interface ComponentPlan {
  readonly name: ComponentName;
  readonly hiddenJob: string;
  readonly extending: readonly string[];
  readonly includes: readonly ComponentInclude[];
}

/**
 * Chooses a component for a recipe.
 *
 * @param includes those that other recipes need; the same one serves several jobs
 * @returns a note where a person has to decide
 */
export function planFor(
  found: FoundRecipe,
  project: Project,
  includes: readonly ComponentInclude[],
): ComponentPlan | Note {
  const { recipe, jobs } = found;
  const name = componentFor(found, project);
  const obstacle = findObstacle(found, name, project);
  if (obstacle !== undefined) return note(found, ...obstacle);
  const values = resolveValues(recipe, jobs, project, name);
  if (typeof values === 'string') {
    const remedy = 'Include a component for each role by hand.';
    return note(found, `the role differs from job to job: ${values}`, remedy);
  }
  const [audience] = audiencesOf(recipe, jobs, project);
  const inputs = inputsOf(values, audience, name);
  const same = includes.find(
    (one) => one.name === name && JSON.stringify(one.inputs) === JSON.stringify(inputs),
  );
  if (name === 'assume-role' && same === undefined && includes.some((one) => one.name === name)) {
    return note(
      found,
      'another role is handed on to every later job already, under the same variables',
      'Include the component "assume-role" a second time by hand, with the input "env_prefix".',
    );
  }
  const number = includes.filter((one) => one.name === name).length + includedAlready(name, project) + 1;
  const include = same ?? { name, inputs, suffix: number === 1 ? '' : `-${number}` };
  return {
    name,
    hiddenJob: hiddenJobOf(include),
    extending: name === 'assume-role' ? [] : jobs,
    includes: same === undefined ? [...includes, include] : includes,
  };
}

/** Why this recipe cannot be replaced without a person, and what that person can do. */
function findObstacle(
  found: FoundRecipe,
  name: ComponentName,
  project: Project,
): readonly [message: string, remedy: string] | undefined {
  const { recipe, jobs } = found;
  const again = 'then run this again.';
  if (jobs.length === 0) {
    return [
      'no job of this pipeline runs this recipe',
      'Remove it, or migrate the pipeline that includes it.',
    ];
  }
  const others = otherScripts(found, project);
  const needed = recipe.answers.find((answer) => others.some((text) => usesVariable(text, answer)));
  if (needed !== undefined) {
    const message = `the answer in "${needed}" is used by other commands of its job as well`;
    return [message, `Bring the whole recipe together, ${again}`];
  }
  if (audiencesOf(recipe, jobs, project).length > 1) {
    const message = 'its token has several audiences, or differs from job to job';
    return [message, 'Declare one with the audience of the IAM provider.'];
  }
  const defaulted = jobs.find((job) => !hasOwnScript(job, project));
  if (name !== 'assume-role' && defaulted !== undefined) {
    const message = `the job "${defaulted}" takes its before_script from "default", which a component would replace`;
    return [message, `Give the jobs that need AWS a before_script of their own, ${again}`];
  }
  const limited = jobs.find((job) =>
    ['needs', 'dependencies'].some((key) => project.effective(job).has(key)),
  );
  if (name !== 'assume-role' || limited === undefined) return undefined;
  const message = `the job "${limited}" has "needs" or "dependencies", which must name the job that hands the credentials on`;
  return [message, 'Include the component "assume-role" and add its job to "needs" by hand.'];
}

/** How often the files include this component: each include has a hidden job of its own. */
function includedAlready(name: ComponentName, project: Project): number {
  return project
    .top('include')
    .flatMap((value) => scalarsIn(value, project))
    .filter(({ node }) => new RegExp(`/${name}@`).test(String(node.value))).length;
}

/** Has the job a before_script of its own, or none at all? One of default loses to that of a hidden job. */
function hasOwnScript(job: string, project: Project): boolean {
  const script = project.effective(job).get('before_script')?.at(-1)?.node;
  const defaults = [
    ...project.mapping('default').flatMap((one) => membersOf(one).get('before_script') ?? []),
    ...project.top('before_script'),
  ];
  return script === undefined || !defaults.some(({ node }) => node === script);
}

/** By what the job does with the credentials. */
function componentFor(found: FoundRecipe, project: Project): ComponentName {
  if (found.recipe.forSdk) return 'web-identity';
  const keys = /AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)/;
  const rest = otherScripts(found, project).filter((text) => !isRecipeStep(text) && !looksLikeRecipe(text));
  if (!rest.some((text) => keys.test(text))) return 'web-identity';
  const images = found.jobs.map((job) => imageOf(job, project));
  return images.every((image) => /(^|\/)(cimg\/)?node[:@]|nodejs/.test(image)) ? 'same-job' : 'assume-role';
}

/** Everything in the recipe's jobs that is not the recipe. */
function otherScripts({ jobs, items }: FoundRecipe, project: Project): readonly string[] {
  return jobs
    .flatMap((job) => [...project.effective(job).values()].flat())
    .flatMap((value) => scalarsIn(value, project))
    .flatMap(({ node }) => (items.includes(node) ? [] : String(node.value)));
}

function imageOf(job: string, project: Project): string {
  const image = project.effective(job).get('image')?.at(-1);
  if (image === undefined) return '';
  return scalarsIn(image, project)
    .map(({ node }) => String(node.value))
    .join(' ');
}

/** Variables that a job has from the pipeline are known; a job of its own would not see them. */
function resolveValues(
  { values }: Recipe,
  jobs: readonly string[],
  project: Project,
  name: ComponentName,
): Recipe['values'] | string {
  if (name !== 'assume-role') return values;
  const found = jobs.map((job) => substitute(values.roleArn ?? '', job, project));
  const [first = '', ...others] = found;
  return others.every((one) => one === first) ? { ...values, roleArn: first } : found.join(', ');
}

function substitute(text: string, job: string, project: Project): string {
  const own = project.effective(job).get('variables') ?? [];
  return text.replace(/\$\{?(\w+)\}?/g, (written, name: string) => {
    const value = own.flatMap((one) => membersOf(one as Located<YAMLMap>).get(name) ?? []).at(-1);
    return value === undefined ? written : (textsOf(value)[0] ?? written);
  });
}

/** The audiences of the token that the recipe uses, if the jobs declare it. */
function audiencesOf({ values }: Recipe, jobs: readonly string[], project: Project): readonly string[] {
  const declared = jobs.flatMap(
    (job) => declaredTokens(project.effective(job)).get(values.token ?? '') ?? [],
  );
  return [...new Set(declared)];
}

/** The component's own, however its variables are written. */
function isDefaultSessionName(name: string): boolean {
  return name.replace(/[{}]/g, '') === 'GitLabRunner-$CI_PROJECT_ID-$CI_PIPELINE_ID';
}

function inputsOf(
  values: Recipe['values'],
  audience: string | undefined,
  name: ComponentName,
): Readonly<Record<string, string>> {
  const { roleArn = '', sessionName, durationSeconds, region, profile } = values;
  const isOther = audience !== undefined && audience !== '$CI_SERVER_URL';
  return {
    role_arn: roleArn,
    ...(isOther && { audience }),
    ...(region !== undefined && { region }),
    ...(sessionName !== undefined && !isDefaultSessionName(sessionName) && { session_name: sessionName }),
    // the SDK asks again by itself where web-identity is used
    ...(durationSeconds !== undefined &&
      durationSeconds !== '3600' &&
      name !== 'web-identity' && { duration: durationSeconds }),
    ...(profile !== undefined && name === 'web-identity' && { profile }),
  };
}

function hiddenJobOf({ name, suffix }: ComponentInclude): string {
  return (
    {
      'web-identity': '.aws-web-identity',
      'same-job': '.aws-credentials',
      'assume-role': '.with-assume-role',
    }[name] + suffix
  );
}

/** Why a recipe is left. */
export function note({ list, items }: FoundRecipe, message: string, remedy: string): Note {
  return { kind: 'advice', file: list.file.path, offset: items[0]?.range?.[0] ?? 0, message, remedy };
}

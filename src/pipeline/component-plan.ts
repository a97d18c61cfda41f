import type { YAMLMap } from 'yaml';
import type { ComponentInclude } from './component-include.ts';
import type { FoundRecipe } from './found-recipe.ts';
import { declaredTokens } from './id-token-entry.ts';
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
  if (jobs.length === 0)
    return note(
      found,
      'no job of this pipeline runs this recipe',
      'Remove it, or migrate the pipeline that includes this file.',
    );
  const defaulted = name === 'assume-role' ? undefined : jobs.find((job) => !hasOwnScript(job, project));
  if (defaulted !== undefined) {
    return note(
      found,
      `the job "${defaulted}" takes its before_script from "default", which a component would replace`,
      'Give the jobs that need AWS a before_script of their own, then run this again.',
    );
  }
  const limited = jobs.find(
    (job) => project.effective(job).has('needs') || project.effective(job).has('dependencies'),
  );
  if (name === 'assume-role' && limited !== undefined) {
    return note(
      found,
      `the job "${limited}" has "needs" or "dependencies", which must name the job that hands the credentials on`,
      'Include the component "assume-role" and add its job to "needs" by hand.',
    );
  }
  const values = resolveValues(recipe, jobs, project, name);
  if (typeof values === 'string')
    return note(
      found,
      `the role differs from job to job: ${values}`,
      'Include a component for each role by hand.',
    );
  const [audience, ...others] = audiencesOf(recipe, jobs, project);
  if (others.length > 0) {
    return note(
      found,
      'its token has several audiences, or differs from job to job',
      'Declare one with the audience of the IAM provider.',
    );
  }
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
function componentFor({ recipe, jobs }: FoundRecipe, project: Project): ComponentName {
  if (recipe.forSdk) return 'web-identity';
  const rest = jobs.flatMap((job) =>
    [...project.effective(job)].flatMap(([, values]) =>
      values
        .flatMap((value) => scalarsIn(value, project))
        .flatMap(({ node }) => {
          const text = String(node.value);
          return isRecipeStep(text) || looksLikeRecipe(text) ? [] : text;
        }),
    ),
  );
  const namesKeys = rest.some((text) => /AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)/.test(text));
  if (!namesKeys) return 'web-identity';
  const images = jobs.map((job) => imageOf(job, project));
  return images.every((image) => /(^|\/)(cimg\/)?node[:@]|nodejs/.test(image)) ? 'same-job' : 'assume-role';
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

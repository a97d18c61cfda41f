import { type Scalar, visit } from 'yaml';
import { mentionsLegacy, purposeOf, usesVariable } from './legacy-variable.ts';
import type { Change } from './migration.ts';
import { left, type Note } from './note.ts';
import { type Located, membersOf, type Project, scalarsIn } from './project.ts';

/** Keys that GitLab reads before a job has its token, or that are no scripts. */
const withoutToken = new Set([
  'rules',
  'only',
  'except',
  'extends',
  'needs',
  'dependencies',
  'inherit',
  'trigger',
  'stage',
  'id_tokens',
  'parallel',
]);

/** A scalar that mentions a legacy variable, and the jobs that run it. */
export interface LegacyUse {
  readonly scalar: Located<Scalar>;
  readonly jobs: Set<string>;
  /** What the token is for, as far as the scripts tell: not AWS where it stands under `secrets`. */
  readonly service: 'aws' | 'vault' | 'other';
}

/** Every use, with the jobs that run it; hidden jobs count where no other job has the use. */
export function findUses(project: Project): readonly LegacyUse[] {
  const uses = new Map<Scalar, { scalar: Located<Scalar>; jobs: Set<string> }>();
  const secrets = new Set<Scalar>();
  const tainted = taintedVariables(project);
  const names = project.jobNames();
  const visible = names.filter((name) => !name.startsWith('.'));
  for (const job of [...visible, ...names.filter((name) => name.startsWith('.'))]) {
    const effective = project.effective(job);
    // a job that triggers a pipeline runs nothing, and has no token
    if (effective.has('trigger')) continue;
    const scalars = scripts(project, job);
    for (const value of effective.get('secrets') ?? []) {
      for (const { node } of scalarsIn(value, project)) secrets.add(node);
    }
    const direct = scalars.filter(({ node }) => mentionsLegacy(String(node.value)));
    const through = [...tainted].filter(([name]) =>
      scalars.some(({ node }) => usesVariable(String(node.value), name)),
    );
    for (const scalar of [...direct, ...through.map(([, one]) => one)]) {
      const use = uses.get(scalar.node) ?? { scalar, jobs: new Set() };
      if (job.startsWith('.') && use.jobs.size > 0) continue;
      use.jobs.add(job);
      uses.set(scalar.node, use);
    }
  }
  return [...uses.values()].map((use) => {
    return {
      ...use,
      service: serviceOf(contextOf(use.scalar, use.jobs, project), secrets.has(use.scalar.node)),
    };
  });
}

function serviceOf(text: string, isSecret: boolean): LegacyUse['service'] {
  const purpose = purposeOf(text);
  if (isSecret || (purpose === 'other' && /vault/i.test(text))) return 'vault';
  return purpose === 'other' ? 'other' : 'aws';
}

/** Global variables that hold a legacy one: whoever uses them uses it. */
function taintedVariables(project: Project): ReadonlyMap<string, Located<Scalar>> {
  const tainted = new Map<string, Located<Scalar>>();
  for (const one of project.mapping('variables')) {
    for (const [name, value] of membersOf(one)) {
      const scalar = scalarsIn(value, project).find(({ node }) => mentionsLegacy(String(node.value)));
      if (scalar !== undefined) tainted.set(name, scalar);
    }
  }
  return tainted;
}

function scripts(project: Project, job: string): readonly Located<Scalar>[] {
  return [...project.effective(job)]
    .filter(([key]) => !withoutToken.has(key))
    .flatMap(([, values]) => values.flatMap((value) => scalarsIn(value, project)));
}

/** All that the jobs of a use run: what the token is for may stand in another line. */
function contextOf(scalar: Located<Scalar>, jobs: ReadonlySet<string>, project: Project): string {
  const own = String(scalar.node.value);
  if (purposeOf(own) !== 'unknown') return own;
  return [...jobs].flatMap((job) => scripts(project, job).map(({ node }) => String(node.value))).join('\n');
}

/** Uses that no token can stand in for. */
export function unusable(project: Project): readonly Note[] {
  const notes = new Map<unknown, Note>();
  for (const job of project.jobNames()) {
    const effective = project.effective(job);
    for (const [key, values] of effective) {
      const early = ['rules', 'only', 'except', 'trigger'].includes(key);
      if (!early && !effective.has('trigger')) continue;
      for (const { node, file } of values.flatMap((value) => scalarsIn(value, project))) {
        if (!mentionsLegacy(String(node.value))) continue;
        const why = early
          ? `"${key}" is decided before a job has its token`
          : 'a job that triggers a pipeline has no token';
        notes.set(node, left(file, node, why, 'Remove it, or use another variable.'));
      }
    }
  }
  return [...notes.values()];
}

/** Mentions that no job runs: in `workflow`, in a variable that nobody uses. */
export function unreached(project: Project, known: readonly (Change | Note)[]): readonly Note[] {
  const notes: Note[] = [];
  for (const file of project.files) {
    visit(file.root, {
      Scalar(key, node) {
        const [start = 0, end = 0] = node.range ?? [];
        if (key === 'key' || !mentionsLegacy(String(node.value))) return;
        if (known.some((one) => one.file === file.path && one.offset >= start && one.offset < end)) return;
        notes.push(left(file, node, 'no job runs this, so that no token stands in for it', 'Remove it.'));
      },
    });
  }
  return notes;
}

import { type Scalar, visit } from 'yaml';
import type { Change } from '../change.ts';
import type { Located } from '../located.ts';
import { left, type Note } from '../note.ts';
import type { Project } from '../project.ts';
import { scalarsIn } from '../scalars.ts';
import { redefined, textsOfJob, variablesOfRules } from './job-texts.ts';
import { mentionsLegacy } from './legacy-variable.ts';
import { isUse, mentionsIn } from './mentions.ts';

/** Uses that no ID token can replace. */
export function unusable(project: Project): readonly Note[] {
  const notes = new Map<unknown, Note>();
  for (const job of project.jobNames()) {
    const effective = project.effective(job);
    const triggers = effective.has('trigger');
    for (const [key, values] of effective) {
      const early = ['rules', 'only', 'except', 'trigger'].includes(key);
      if (!early && !triggers) continue;
      const late = key === 'rules' && !triggers ? values.flatMap(variablesOfRules) : [];
      const usable = new Set(scalarNodes(late, project));
      for (const { node, file } of values.flatMap((value) => scalarsIn(value, project))) {
        if (usable.has(node) || !mentionsLegacy(String(node.value))) continue;
        const why = early ? `"${key}" is evaluated before a job has its token` : 'a trigger job has no token';
        notes.set(node, left(file, node, why, 'Remove it, or use another variable.'));
      }
    }
  }
  return [...notes.values()];
}

const scalarNodes = (values: readonly Located[], project: Project): readonly Scalar[] =>
  values.flatMap((one) => scalarsIn(one, project)).map(({ node }) => node);

/** Uses in pipelines that a job generates, and variables that a job defines itself. */
export function foreign(project: Project): readonly Note[] {
  const notes = new Map<unknown, Note>();
  for (const job of project.jobNames()) {
    const effective = project.effective(job);
    const texts = textsOfJob(effective, project);
    for (const { scalar, kind } of texts) {
      const { node, file } = scalar;
      if (!mentionsIn(String(node.value), kind).some(({ form }) => form === 'elsewhere')) continue;
      const message = 'this is written to another pipeline, whose jobs need their own ID token';
      notes.set(
        node,
        left(file, node, message, 'Declare one with "id_tokens" in that text, and use its name here.'),
      );
    }
    const [name] = redefined(effective, texts);
    const [mapping] = project.mapping(job);
    if (name === undefined || mapping === undefined) continue;
    const message = `the job "${job}" defines ${name} itself, so it is left unchanged`;
    notes.set(name, {
      ...left(mapping.file, mapping.node, message, 'No action is needed.'),
      kind: 'advice',
    });
  }
  return [...notes.values()];
}

/**
 * Uses that no job runs: in `workflow`, or in a variable that is not used.
 *
 * @param known what is reported already
 */
export function unreached(project: Project, known: readonly (Change | Note)[]): readonly Note[] {
  const notes: Note[] = [];
  const seen = new Set(
    project
      .jobNames()
      .flatMap((job) => textsOfJob(project.effective(job), project).map(({ scalar }) => scalar.node)),
  );
  for (const file of project.files) {
    visit(file.root, {
      Scalar(key, node) {
        const [start = 0, end = 0] = node.range ?? [];
        if (key === 'key' || seen.has(node) || !mentionsIn(String(node.value), 'other').some(isUse)) return;
        if (known.some((one) => one.file === file.path && one.offset >= start && one.offset < end)) return;
        notes.push(left(file, node, 'no job runs this, so no token can replace it', 'Remove it.'));
      },
    });
  }
  return notes;
}

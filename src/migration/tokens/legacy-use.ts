import { posix } from 'node:path';
import { isMap, isSeq, type Scalar, visit, type YAMLMap } from 'yaml';
import type { Change } from '../migration.ts';
import { left, type Note } from '../note.ts';
import { type Effective, type Located, membersOf, type Project, scalarsIn } from '../project.ts';
import type { Repository } from '../repository.ts';
import { declaredTokens } from './id-token-entry.ts';
import {
  hadNoAudience,
  isLegacy,
  mentionsLegacy,
  type Service,
  serviceOf,
  usesVariable,
} from './legacy-variable.ts';
import { type Mention, mentionsIn, redefinedIn, type TextKind } from './mentions.ts';

/** A text that uses legacy variables, and the jobs that run it. */
export interface LegacyUse {
  readonly scalar: Located<Scalar>;
  readonly jobs: ReadonlySet<string>;
  readonly mentions: readonly Mention[];
  readonly service: Service;
  /** True where only variables are used that never had an audience: which one is right, only a person can tell. */
  readonly isForPerson: boolean;
  /** A file of the repository that the same command is given, and that names the variable itself. */
  readonly sharedWith: string | undefined;
}

interface Text {
  readonly scalar: Located<Scalar>;
  readonly kind: TextKind;
  /** Where the key alone tells what a token is for. */
  readonly service?: Service;
}

/** Every use, with the jobs that run it; hidden jobs count where no other job has the use. */
export function findUses(project: Project, repository: Repository): readonly LegacyUse[] {
  const uses = new Map<Scalar, { text: Text; jobs: Set<string>; mentions: readonly Mention[] }>();
  const variables = new TokenVariables(project, repository);
  for (const job of [...project.visibleJobs(), ...project.hiddenJobs()]) {
    const effective = project.effective(job);
    // a job that triggers a pipeline runs nothing, and has no token
    if (effective.has('trigger')) continue;
    const texts = textsOfJob(effective, project);
    const own = redefined(effective, texts);
    for (const text of [...texts, ...variables.usedBy(effective, texts)]) {
      const mentions = mentionsIn(String(text.scalar.node.value), text.kind).filter(
        ({ name }) => !own.has(name),
      );
      if (!mentions.some(isUse)) continue;
      const use = uses.get(text.scalar.node) ?? { text, jobs: new Set<string>(), mentions };
      if (job.startsWith('.') && use.jobs.size > 0) continue;
      use.jobs.add(job);
      uses.set(text.scalar.node, use);
    }
  }
  const found = [...uses.values()]
    .flatMap(({ text, jobs, mentions }) => asUses(text, jobs, mentions, project))
    .map((use) => ({ ...use, sharedWith: sharedFile(use.mentions, repository) }));
  return [...found, ...forgotten(project, found)];
}

const isUse = ({ form }: Mention) => form === 'value' || form === 'pass';

/** One use of what had an audience, and one of what had none. */
function asUses(
  { scalar, service }: Text,
  jobs: ReadonlySet<string>,
  mentions: readonly Mention[],
  project: Project,
): readonly Omit<LegacyUse, 'sharedWith'>[] {
  const used = mentions.filter(isUse);
  const isSure = used.some(({ name }) => !hadNoAudience(name));
  // "${CI_JOB_JWT_V2:-$CI_JOB_JWT}": what stands in for the one that is sure is never reached
  const isFallback = ({ name, command }: Mention) =>
    isSure && hadNoAudience(name) && /CI_JOB_JWT_V2:?-/.test(command);
  const groups = [
    { isForPerson: false, mentions: used.filter((one) => !hadNoAudience(one.name) || isFallback(one)) },
    { isForPerson: true, mentions: used.filter((one) => hadNoAudience(one.name) && !isFallback(one)) },
  ];
  return groups
    .filter((group) => group.mentions.length > 0)
    .map((group) => ({
      scalar,
      jobs,
      ...group,
      service: service ?? serviceFor(group.mentions, jobs, project),
    }));
}

function sharedFile(mentions: readonly Mention[], { withLegacy }: Repository): string | undefined {
  // NAME=… before a command gives it the variable under the name that it reads
  const gives = ({ command, name }: Mention) => command.includes(`${name}=`);
  const isGiven = (path: string) => (one: Mention) =>
    one.command.includes(posix.basename(path)) && !gives(one);
  return withLegacy.find((path) => mentions.some(isGiven(path)));
}

/** What takes a variable away takes away its token, for jobs that have one now. */
function forgotten(project: Project, uses: readonly LegacyUse[]): readonly LegacyUse[] {
  const withToken = new Set(uses.filter(({ isForPerson }) => !isForPerson).flatMap(({ jobs }) => [...jobs]));
  const found = new Map<Scalar, LegacyUse>();
  for (const job of withToken) {
    for (const { scalar, kind } of textsOfJob(project.effective(job), project)) {
      const mentions = mentionsIn(String(scalar.node.value), kind).filter(
        ({ form, name }) => form === 'forget' && !hadNoAudience(name),
      );
      if (mentions.length === 0) continue;
      const jobs = new Set([...(found.get(scalar.node)?.jobs ?? []), job]);
      found.set(scalar.node, {
        scalar,
        jobs,
        mentions,
        service: 'aws',
        isForPerson: false,
        sharedWith: undefined,
      });
    }
  }
  return [...found.values()];
}

/** The command says it as a rule, or else what the jobs run beside it. */
function serviceFor(mentions: readonly Mention[], jobs: ReadonlySet<string>, project: Project): Service {
  for (const { command } of mentions) {
    const service = serviceOf(command);
    if (service !== undefined) return service;
  }
  const all = [...jobs].flatMap((job) =>
    textsOfJob(project.effective(job), project).map(({ scalar }) => String(scalar.node.value)),
  );
  const services = new Set(all.flatMap((text) => serviceOf(text) ?? []));
  return services.has('aws') || services.size === 0 ? 'aws' : ([...services][0] as Service);
}

/** Names that a job gives a value of its own: by hand, somebody has migrated these. */
function redefined(effective: Effective, texts: readonly Text[]): ReadonlySet<string> {
  const names = [...declaredTokens(effective).keys(), ...(effective.get('variables') ?? []).flatMap(keysOf)];
  const scripts = texts.flatMap(({ scalar, kind }) =>
    kind === 'script' ? redefinedIn(String(scalar.node.value)) : [],
  );
  return new Set([...names, ...scripts].filter(isLegacy));
}

function keysOf(located: Located): readonly string[] {
  return isMap(located.node) ? [...membersOf(located as Located<YAMLMap>).keys()] : [];
}

/** Keys that GitLab reads before a job has its token, or that are no values. */
const withoutToken = new Set([
  'only',
  'except',
  'extends',
  'needs',
  'dependencies',
  'inherit',
  'trigger',
  'stage',
  'id_tokens',
]);

/** Every text of a job that can use a token. */
function textsOfJob(effective: Effective, project: Project): readonly Text[] {
  return [...effective].flatMap(([key, values]) => {
    if (withoutToken.has(key)) return [];
    const parts = key === 'rules' ? values.flatMap(variablesOfRules) : values;
    const kind = kindOf(key);
    const service = key === 'secrets' ? { service: 'vault' as const } : {};
    return parts.flatMap((value) =>
      scalarsIn(value, project).map((scalar) => ({ scalar, kind, ...service })),
    );
  });
}

function kindOf(key: string): TextKind {
  if (/script$|^hooks$|^run$/.test(key)) return 'script';
  return /^(variables|rules|parallel)$/.test(key) ? 'variable' : 'other';
}

function variablesOfRules(rules: Located): readonly Located[] {
  const items = isSeq(rules.node) ? rules.node.items : [];
  return items.flatMap((node) => {
    const variables = isMap(node)
      ? membersOf({ node: node as YAMLMap, file: rules.file }).get('variables')
      : undefined;
    return variables ?? [];
  });
}

/** Global variables that hold a legacy one, themselves or by way of others: whoever uses them uses it. */
class TokenVariables {
  readonly #held = new Map<string, readonly Text[]>();
  readonly #repository: Repository;

  constructor(project: Project, repository: Repository) {
    this.#repository = repository;
    const values = new Map<string, readonly Text[]>();
    for (const one of project.mapping('variables')) {
      for (const [name, value] of membersOf(one)) {
        values.set(
          name,
          scalarsIn(value, project).map((scalar) => ({ scalar, kind: 'variable' }) as const),
        );
      }
    }
    const holds = (text: Text) => mentionsLegacy(String(text.scalar.node.value));
    for (const [name, texts] of values) if (texts.some(holds)) this.#held.set(name, texts.filter(holds));
    for (let known = -1; known !== this.#held.size; ) {
      known = this.#held.size;
      for (const [name, texts] of values) {
        const source = [...this.#held].find(([other]) =>
          texts.some(({ scalar }) => usesVariable(String(scalar.node.value), other)),
        );
        if (source !== undefined && !this.#held.has(name)) this.#held.set(name, source[1]);
      }
    }
  }

  usedBy(effective: Effective, texts: readonly Text[]): readonly Text[] {
    const own = new Set((effective.get('variables') ?? []).flatMap(keysOf));
    return [...this.#held].flatMap(([name, held]) => {
      if (own.has(name) || !inheritsVariable(effective, name)) return [];
      const isUsed = texts.some(({ scalar }) => reads(String(scalar.node.value), name));
      return isUsed || (texts.length > 0 && this.#repository.naming(name) !== undefined) ? held : [];
    });
  }
}

/** By its name, or as terraform does it: https://developer.hashicorp.com/terraform/cli/config/environment-variables#tf_var_name */
function reads(text: string, name: string): boolean {
  if (new RegExp(`\\b${name.replace(/\W/g, '\\$&')}\\b`).test(text)) return true;
  return name.startsWith('TF_VAR_') && /\b(terraform|tofu|terragrunt)\b/.test(text);
}

function inheritsVariable(effective: Effective, name: string): boolean {
  const inherit = effective.get('inherit')?.at(-1);
  const choice =
    inherit && isMap(inherit.node) ? membersOf(inherit as Located<YAMLMap>).get('variables') : undefined;
  if (choice === undefined) return true;
  const { node } = choice;
  if (isSeq(node)) return node.items.some((item) => (item as Scalar).value === name);
  return (node as Scalar).value !== false;
}

/** Uses that no token can stand in for. */
export function unusable(project: Project): readonly Note[] {
  const notes = new Map<unknown, Note>();
  for (const job of project.jobNames()) {
    const effective = project.effective(job);
    for (const [key, values] of effective) {
      const early = ['rules', 'only', 'except', 'trigger'].includes(key);
      if (!early && !effective.has('trigger')) continue;
      const late =
        key === 'rules' && !effective.has('trigger')
          ? new Set(
              values
                .flatMap(variablesOfRules)
                .flatMap((one) => scalarsIn(one, project))
                .map(({ node }) => node),
            )
          : new Set();
      for (const { node, file } of values.flatMap((value) => scalarsIn(value, project))) {
        if (late.has(node) || !mentionsLegacy(String(node.value))) continue;
        const why = early
          ? `"${key}" is decided before a job has its token`
          : 'a job that triggers a pipeline has no token';
        notes.set(node, left(file, node, why, 'Remove it, or use another variable.'));
      }
    }
  }
  return [...notes.values()];
}

/** Uses in the text of pipelines that are made when a job runs, and in variables of the pipeline's own. */
export function foreign(project: Project): readonly Note[] {
  const notes = new Map<unknown, Note>();
  for (const job of project.jobNames()) {
    const effective = project.effective(job);
    const texts = textsOfJob(effective, project);
    for (const { scalar, kind } of texts) {
      const { node, file } = scalar;
      if (!mentionsIn(String(node.value), kind).some(({ form }) => form === 'elsewhere')) continue;
      const message = 'this is written into another pipeline, whose jobs need an ID token of their own';
      notes.set(
        node,
        left(file, node, message, 'Declare one with "id_tokens" in that text, and put its name here.'),
      );
    }
    const [name] = redefined(effective, texts);
    const [mapping] = project.mapping(job);
    if (name === undefined || mapping === undefined) continue;
    const message = `${name} is a variable of the job "${job}" itself here, and is left as it is`;
    notes.set(name, {
      ...left(mapping.file, mapping.node, message, 'Nothing has to be done.'),
      kind: 'advice',
    });
  }
  return [...notes.values()];
}

/** Uses that no job runs: in `workflow`, in a variable that nobody uses. */
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
        notes.push(left(file, node, 'no job runs this, so that no token stands in for it', 'Remove it.'));
      },
    });
  }
  return notes;
}

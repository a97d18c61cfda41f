import { posix } from 'node:path';
import type { Scalar } from 'yaml';
import type { Located } from '../located.ts';
import type { Project } from '../project.ts';
import type { Repository } from '../repository.ts';
import { type JobText, redefined, textsOfJob } from './job-texts.ts';
import { hadNoAudience, type Service, serviceOf } from './legacy-variable.ts';
import { isUse, type Mention, mentionsIn } from './mentions.ts';
import { TokenVariables } from './token-variables.ts';

/** A text that uses legacy variables, and the jobs that run it. */
export interface LegacyUse {
  readonly scalar: Located<Scalar>;
  readonly jobs: ReadonlySet<string>;
  readonly mentions: readonly Mention[];
  readonly service: Service;
  /** True if its variables never had a usable audience, so that a person must choose one. */
  readonly isForPerson: boolean;
  /** A file of the repository that the same command uses, and that contains the variable's name itself. */
  readonly sharedWith: string | undefined;
}

/** Every use, with the jobs that run it; hidden jobs only if no visible job has the use. */
export function findUses(project: Project, repository: Repository): readonly LegacyUse[] {
  const uses = new Map<Scalar, { text: JobText; jobs: Set<string>; mentions: readonly Mention[] }>();
  const variables = new TokenVariables(project, repository);
  for (const job of [...project.visibleJobs(), ...project.hiddenJobs()]) {
    const effective = project.effective(job);
    // a trigger job runs no script, and has no token
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

/** One use for variables that had an audience, and one for those that had none. */
function asUses(
  { scalar, service }: JobText,
  jobs: ReadonlySet<string>,
  mentions: readonly Mention[],
  project: Project,
): readonly Omit<LegacyUse, 'sharedWith'>[] {
  const used = mentions.filter(isUse);
  const isSure = used.some(({ name }) => !hadNoAudience(name));
  // in "${CI_JOB_JWT_V2:-$CI_JOB_JWT}", the fallback is never reached
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
  // NAME=… before a command passes the variable under the name that the file reads
  const gives = ({ command, name }: Mention) => command.includes(`${name}=`);
  const isGiven = (path: string) => (one: Mention) =>
    one.command.includes(posix.basename(path)) && !gives(one);
  return withLegacy.find((path) => mentions.some(isGiven(path)));
}

/** Commands that unset a legacy variable: they must now unset the job's token. */
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

/** The service that the command indicates, or else the other commands of the jobs. */
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

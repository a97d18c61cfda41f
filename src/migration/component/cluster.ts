import type { Scalar } from 'yaml';
import type { Project } from '../project.ts';
import { scriptsOf } from '../recipe/job-script.ts';
import type { JobRecipe } from './job-plan.ts';

/** Recipes that share text, and can only be replaced together. */
export type Cluster = readonly JobRecipe[];

export function clustersOf(recipes: readonly JobRecipe[]): readonly Cluster[] {
  const byText = new Map<Scalar, Set<JobRecipe>>();
  for (const one of recipes) {
    let cluster = new Set([one]);
    for (const { scalar } of one.items) {
      const other = byText.get(scalar.node);
      if (other !== undefined && other !== cluster) cluster = new Set([...other, ...cluster]);
    }
    for (const member of cluster) for (const { scalar } of member.items) byText.set(scalar.node, cluster);
  }
  return [...new Set(recipes.map((one) => byText.get(one.items[0]?.scalar.node as Scalar)))].map(
    (cluster) => [...(cluster ?? [])],
  );
}

/** The jobs that run each text. */
export type Runners = ReadonlyMap<Scalar, ReadonlySet<string>>;

export function runnersIn(project: Project): Runners {
  const runners = new Map<Scalar, Set<string>>();
  for (const job of project.visibleJobs()) {
    const { main, after } = scriptsOf(job, project);
    for (const { scalar } of [...main, ...after]) {
      runners.set(scalar.node, (runners.get(scalar.node) ?? new Set()).add(job));
    }
  }
  return runners;
}

/** A job that runs some of a cluster's texts without having the recipe. */
export function otherRunner(cluster: Cluster, runners: Runners): string | undefined {
  const own = new Set(cluster.map(({ job }) => job));
  const all = cluster.flatMap(({ items }) =>
    items.flatMap(({ scalar }) => [...(runners.get(scalar.node) ?? [])]),
  );
  return all.find((job) => !own.has(job));
}

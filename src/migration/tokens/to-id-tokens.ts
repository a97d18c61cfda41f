import type { Migration } from '../migration.ts';
import { left, type Note } from '../note.ts';
import type { Project } from '../project.ts';
import type { Repository } from '../repository.ts';
import { findUses, type LegacyUse } from './legacy-use.ts';
import { TokenPlan } from './token-plan.ts';
import { foreign, unreached, unusable } from './unmigrated-uses.ts';

export interface TokenOptions {
  /**
   * The audience that was asked for. Where tokens are used for AWS and for another service it is the other
   * one's; AWS gets the instance's own address, which is also what every token gets where none was asked for.
   */
  readonly audience: string | undefined;
}

/** What CI_JOB_JWT_V2 had: https://docs.gitlab.com/update/deprecations/#old-versions-of-json-web-tokens-are-deprecated */
const instanceAudience = '$CI_SERVER_URL';

/**
 * Declares ID tokens for the jobs that use a legacy variable, once and where it belongs, and puts the new
 * name in the place of the old ones.
 */
export function migrateToIdTokens(
  project: Project,
  repository: Repository,
  { audience }: TokenOptions,
): Migration {
  const plan = new TokenPlan(project);
  const uses = findUses(project, repository);
  const isMixed = uses.some(({ service, isForPerson }) => service !== 'aws' || isForPerson);
  const notes: Note[] = [...unusable(project), ...foreign(project)];
  for (const use of uses) {
    const isAws = use.service === 'aws' && !use.isForPerson;
    const asked = isAws && isMixed ? undefined : audience;
    if (use.sharedWith !== undefined) notes.push(sharedNote(use));
    else if (!use.isForPerson) plan.replace(use, asked ?? instanceAudience);
    else if (!plan.reuse(use)) {
      if (asked === undefined) notes.push(forPerson(use));
      else plan.replace(use, asked);
    }
  }
  notes.push(...unreached(project, [...plan.changes, ...notes, ...plan.notes]));
  return { edits: plan.edits(), notes: [...notes, ...plan.notes], changes: plan.changes };
}

function sharedNote({ scalar: { file, node }, mentions, sharedWith }: LegacyUse): Note {
  const message = `"${sharedWith}" reads ${mentions[0]?.name} as well: a new name here would not be known there`;
  return left(file, node, message, 'Put the name of the ID token into both, and declare it in the job.');
}

function forPerson({ scalar: { file, node }, mentions }: LegacyUse): Note {
  const message = `${mentions[0]?.name} had no audience: which one the service expects, only a person can tell`;
  return left(file, node, message, 'Run again with --audience and the audience that the service expects.');
}

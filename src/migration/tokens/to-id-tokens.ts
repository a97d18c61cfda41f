import type { Migration } from '../change.ts';
import { left, type Note } from '../note.ts';
import type { Project } from '../project.ts';
import type { Repository } from '../repository.ts';
import { findUses, type LegacyUse } from './legacy-use.ts';
import { TokenPlan } from './replacement-token.ts';
import { foreign, unreached, unusable } from './unmigrated-uses.ts';

export interface TokenOptions {
  /**
   * The requested audience. If tokens are used for AWS and for another service, it is that of the other
   * service. Tokens for AWS, and all tokens if no audience is requested, get the address of the instance.
   */
  readonly audience: string | undefined;
}

/** The audience of CI_JOB_JWT_V2: https://docs.gitlab.com/update/deprecations/#old-versions-of-json-web-tokens-are-deprecated */
const instanceAudience = '$CI_SERVER_URL';

/**
 * Declares ID tokens for the jobs that use a legacy variable, and replaces the variable with their names.
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
  const message = `"${sharedWith}" also reads ${mentions[0]?.name}, and would not find the token under a new name`;
  return left(file, node, message, 'Use the name of the ID token in both, and declare the token in the job.');
}

function forPerson({ scalar: { file, node }, mentions }: LegacyUse): Note {
  const message = `${mentions[0]?.name} had no audience, so you must specify the one that the service expects`;
  return left(file, node, message, 'Run this again with --audience and that audience.');
}

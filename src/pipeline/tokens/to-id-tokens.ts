import { findUses, unreached, unusable } from './legacy-use.ts';
import type { Migration } from './migration.ts';
import { left, type Note } from './note.ts';
import type { Project } from './project.ts';
import { TokenPlan } from './token-plan.ts';

export interface TokenOptions {
  /**
   * The audience that was asked for. Where tokens are used for AWS and for another service it is the other
   * one's; AWS gets the instance's own address, which is also what it gets where none was asked for.
   */
  readonly audience: string | undefined;
}

const instanceAudience = '$CI_SERVER_URL';

/**
 * Declares ID tokens for the jobs that use a legacy variable, once and where it belongs, and puts the new
 * name in the place of the old ones.
 */
export function migrateToIdTokens(project: Project, { audience }: TokenOptions): Migration {
  const plan = new TokenPlan(project);
  const uses = findUses(project);
  const mixed = uses.some(({ service }) => service !== 'aws');
  const notes: Note[] = [...unusable(project)];
  for (const use of uses) {
    if (use.service === 'aws') plan.replace(use, (mixed ? undefined : audience) ?? instanceAudience);
    else if (audience !== undefined) plan.replace(use, audience);
    else {
      const message = 'the token is for another service than AWS, whose audience is not known';
      const remedy = 'Run again with --audience and the audience that the service expects.';
      notes.push(left(use.scalar.file, use.scalar.node, message, remedy));
    }
  }
  notes.push(...unreached(project, [...plan.changes, ...notes]));
  return { edits: plan.edits(), notes: [...notes, ...plan.notes], changes: plan.changes };
}

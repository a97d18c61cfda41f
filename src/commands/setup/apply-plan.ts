import { AwsOidcError } from '../../errors.ts';
import type { JobLog } from '../../output/job-log.ts';
import type { Step } from './step.ts';

/**
 * Makes the changes of a plan, one after the other. Running it again makes those that are left.
 *
 * @throws {AwsOidcError} the error of the step that failed, with what was changed before and how to undo it
 */
export async function applyPlan(steps: readonly Step[], log: Pick<JobLog, 'done'>): Promise<void> {
  const made: Step[] = [];
  for (const step of steps) {
    if (step.apply === undefined) continue;
    try {
      await step.apply();
    } catch (error) {
      if (!(error instanceof AwsOidcError)) throw error;
      throw failedAt(step, made, error);
    }
    made.push(step);
    log.done(done(step));
  }
}

function done({ change, title }: Step): string {
  return `${change === 'create' ? 'created' : 'changed'}: ${title}`;
}

function failedAt(step: Step, made: readonly Step[], error: AwsOidcError): AwsOidcError {
  const undo = made.toReversed().flatMap((one) => one.undo ?? []);
  const before =
    made.length === 0
      ? ['Nothing was changed.']
      : [
          'Made before that:',
          ...made.map((one) => `  ${done(one)}`),
          'To undo it, run:',
          ...undo.map(indented),
        ];
  return new AwsOidcError(error.code, error.message, {
    cause: error,
    problems: error.problems,
    lines: [...error.lines, `This step failed: ${step.title}`, ...before],
    hint: [error.hint, 'Running setup again continues with what is left.'].filter(Boolean).join(' '),
  });
}

const indented = (line: string) => `  ${line}`;

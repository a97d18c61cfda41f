import { quotePosix } from '../../hand-off/quote.ts';
import { reportCauses } from '../../output/failure.ts';
import type { JobLog } from '../../output/job-log.ts';
import type { ConditionResult } from '../../trust-policy/condition.ts';
import { nameOf, type PolicyExplanation } from './explanation.ts';

/** The output of `--format json`. */
export function explanationToJson({ found, evaluation, causes, corrected }: PolicyExplanation) {
  return {
    role: found.role,
    allowed: evaluation.allowed,
    decision: evaluation.decision,
    causes,
    statements: evaluation.statements.map((result) => ({
      sid: result.statement.sid,
      effect: result.statement.effect,
      applies: result.applies,
      principalMet: result.principalMet,
      actionMet: result.actionMet,
      conditions: result.conditions.map(({ condition, met, actual, note }) => ({
        operator: condition.operator,
        key: condition.key,
        wanted: condition.values,
        actual,
        met,
        note,
      })),
    })),
    corrected,
  };
}

/** Prints the decision, its causes, every statement by condition, and the corrected policy. */
export function printExplanation(
  report: JobLog,
  { found, evaluation, causes, corrected }: PolicyExplanation,
  { roleName, written }: Correction,
): void {
  if (evaluation.allowed) report.done('The trust policy allows this token.');
  else report.failure('The trust policy does not allow this token.');
  reportCauses(report, causes);
  for (const [index, result] of evaluation.statements.entries()) {
    const { effect } = result.statement;
    report.title(`${nameOf(result, index)}: ${effect}, ${result.applies ? 'applies' : 'does not apply'}`);
    printPart(report, result.principalMet, 'principal');
    printPart(report, result.actionMet, 'action');
    for (const condition of result.conditions) printCondition(report, condition);
  }
  if (corrected === undefined) return;
  report.title('This policy would allow exactly this token. Use it only if this job should have the role:');
  for (const line of correctedText(corrected).trimEnd().split('\n')) report.detail(line);
  const leftOut = found.policy.statements.length + 1 - statementsOf(corrected);
  if (leftOut > 1) {
    report.detail(
      `It replaces ${leftOut} statements for tokens of this issuer: copy what you still need from them.`,
    );
  }
  const file = quotePosix(written ?? 'trust.json');
  report.title(
    written === undefined
      ? 'With this policy in trust.json, run:'
      : `It was written to ${written}. To apply it, run:`,
  );
  report.detail(
    `aws iam update-assume-role-policy --role-name ${quotePosix(roleName)} --policy-document file://${file}`,
  );
}

/** Where the corrected policy goes. */
export interface Correction {
  readonly roleName: string;
  /** The file with the policy, if it was written. */
  readonly written: string | undefined;
}

export function correctedText(corrected: unknown): string {
  return `${JSON.stringify(corrected, null, 2)}\n`;
}

function statementsOf(policy: unknown): number {
  return [(policy as { readonly Statement?: unknown }).Statement].flat().length;
}

function printPart(report: JobLog, met: boolean, text: string): void {
  report.detail(`${met ? '✔' : '✘'} ${text}`);
}

function printCondition(report: JobLog, { condition, met, actual, note }: ConditionResult): void {
  const list = (values: readonly string[]) => values.map((value) => `"${value}"`).join(', ');
  printPart(report, met, `${condition.key} ${condition.operator}`);
  report.detail(`    wanted: ${list(condition.values)}`);
  report.detail(
    `    token:  ${actual === undefined ? 'absent' : list(actual)}${note === undefined ? '' : ` (${note})`}`,
  );
}

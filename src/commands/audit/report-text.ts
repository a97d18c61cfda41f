import { JobLog, type Row } from '../../output/job-log.ts';
import { secretsOf } from '../../output/redacting-log.ts';
import type { Io } from '../../system/io.ts';
import { severities } from '../../trust-policy/rule.ts';
import { inOneSentence, type TrustedTokens } from '../../trust-policy/who-can-assume.ts';
import type { AuditedRole } from './account-roles.ts';
import type { AccountReport, ProviderReport } from './assess-account.ts';
import type { RoleReport } from './assess-role.ts';
import type { AuditFlags, AuditReport } from './audit-report.ts';
import type { Baseline } from './baseline.ts';
import { type IdentifiedFinding, worstSeverity } from './finding.ts';
import { permissionsInWords } from './permissions-in-words.ts';

/** Prints the report for people: by account, worst first. */
export async function printReport(
  io: Io,
  report: AuditReport,
  flags: Pick<AuditFlags, 'corrected'>,
): Promise<void> {
  let text = '';
  const collect = (more: string) => {
    text += more;
  };
  const output = { log: collect, colour: io.outColour, sections: false, now: io.now };
  const log = new JobLog(output, secretsOf(io.env));
  // role by role, because the text of all roles can be longer than a reader takes at once
  const flush = async () => {
    const whole = text;
    text = '';
    await io.out(whole);
  };
  for (const account of report.accounts) {
    printAccount(log, account);
    for (const role of account.roles) {
      printRole(log, role, report.baseline, flags.corrected);
      await flush();
    }
    for (const provider of account.providers) printProvider(log, provider, report.baseline);
  }
  printSummary(log, report);
  await flush();
}

function printAccount(log: JobLog, { account, roleCount, roles }: AccountReport): void {
  const all = `${roleCount} ${roleCount === 1 ? 'role' : 'roles'}`;
  const verb = roles.length === 1 ? 'trusts' : 'trust';
  log.title(`Account ${account}: ${roles.length} of ${all} ${verb} OpenID Connect issuers`);
}

function printRole(
  log: JobLog,
  report: RoleReport,
  baseline: Baseline | undefined,
  corrected: boolean,
): void {
  const { role, findings } = report;
  printHeading(log, `role ${role.name}`, findings);
  const place = role.origin && `${role.origin.file}:${role.origin.place.line}`;
  log.table([
    ...whoRows(report.whoCanAssume),
    ...permissionsInWords(report.permissions).map((text, index): Row => [index === 0 ? 'may' : '', text]),
    ['used', lastUse(role.lastUsed)],
    ...(place === undefined ? [] : [['file', place] as const]),
  ]);
  printFindings(log, findings, baseline);
  if (corrected) printCorrected(log, report);
}

function printHeading(log: JobLog, text: string, findings: readonly IdentifiedFinding[]): void {
  const worst = worstSeverity(findings);
  if (worst === undefined) log.done(text);
  else if (severities.indexOf(worst) < severities.indexOf('major')) log.notice(`${text}: ${worst}`);
  else log.failure(`${text}: ${worst}`);
}

const maxShown = 5;

function whoRows(who: readonly TrustedTokens[] | undefined): readonly Row[] {
  if (who === undefined) return [['who', 'unknown: the trust policy cannot be read']];
  if (who.length === 0) return [['who', 'no token']];
  const shown = who
    .slice(0, maxShown)
    .map((one, index): Row => [index === 0 ? 'who' : '', inOneSentence(one)]);
  const more = who.length - shown.length;
  return more > 0 ? [...shown, ['', `and ${more} more, which are not broader (see --format json)`]] : shown;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html */
function lastUse(date: AuditedRole['lastUsed']): string {
  if (date === undefined) return 'unknown';
  return date === 'never' ? 'not in the last 400 days' : date.toISOString().slice(0, 10);
}

function printFindings(
  log: JobLog,
  findings: readonly IdentifiedFinding[],
  baseline: Baseline | undefined,
): void {
  for (const finding of findings) {
    const { severity, detail, rule, reason, fix } = finding;
    const known = baseline?.has(finding) ? ' (known)' : '';
    log.detail(`${severity}: ${detail} [${rule}]${known}`);
    log.detail(`  ${reason}`);
    log.detail(`  → ${fix}`);
  }
}

function printCorrected(log: JobLog, { corrected, findings, role }: RoleReport): void {
  if (corrected === undefined) {
    if (findings.length > 0)
      log.detail('No corrected policy: a person must decide what the role should trust.');
    return;
  }
  const { policy, placeholders } = corrected;
  const fill = placeholders.map(({ name, meaning }) => `${name} (${meaning})`).join(', ');
  log.detail(`Corrected policy of ${role.name}${fill === '' ? '' : `; replace ${fill}`}:`);
  for (const line of JSON.stringify(policy, null, 2).split('\n')) log.detail(`  ${line}`);
}

function printProvider(
  log: JobLog,
  { provider, roles, findings }: ProviderReport,
  baseline: Baseline | undefined,
): void {
  printHeading(log, `provider ${provider.name}`, findings);
  const audiences = provider.audiences?.join(', ');
  log.table([
    ['roles', roles === 0 ? 'none' : String(roles)],
    ...(audiences === undefined ? [] : [['audiences', audiences || 'none'] as const]),
  ]);
  printFindings(log, findings, baseline);
}

function printSummary(log: JobLog, { accounts, unread, findings, baseline, gone }: AuditReport): void {
  for (const { account, reason } of unread) log.failure(`Account ${account} could not be audited: ${reason}`);
  const roles = accounts.reduce((sum, one) => sum + one.roles.length, 0);
  const counts = severities.toReversed().flatMap((severity) => {
    const count = findings.filter((one) => one.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  const found = findings.length === 0 ? 'nothing found' : counts.join(', ');
  log.title(`${roles} ${roles === 1 ? 'role trusts' : 'roles trust'} OpenID Connect issuers: ${found}.`);
  if (baseline === undefined) return;
  const known = findings.filter((one) => baseline.has(one)).length;
  log.detail(`${findings.length - known} new, ${known} known from the baseline, ${gone.length} gone.`);
  for (const { account, name, rule } of gone) log.detail(`  gone: ${name} of account ${account} [${rule}]`);
}

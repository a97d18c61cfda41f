import { AwsOidcError, type ExitCode, exitCodes, RuleError } from '../../errors.ts';
import { parseRefusal } from '../../explain/pasted-refusal.ts';
import { jobFacts, type Refusal } from '../../explain/situation.ts';
import { parseRoleArn } from '../../identity/arn.ts';
import { isoTime } from '../../identity/claims.ts';
import { reportCauses, reportFailure } from '../../output/failure.ts';
import type { JobLog } from '../../output/job-log.ts';
import { formatJson } from '../../output/json.ts';
import { redactingLog, redactingReport, secretsOf } from '../../output/redacting-log.ts';
import type { Io } from '../../system/io.ts';
import type { FoundPolicy } from '../../trust-policy/found-policy.ts';
import { readClaims } from '../input/claims.ts';
import type { TokenFlags } from '../input/session-input.ts';
import { invalid } from '../input/text-file.ts';
import { explainError, explainPolicy, type Question } from './explanation.ts';
import { correctedText, explanationToJson, printExplanation } from './explanation-report.ts';
import { readPolicies } from './policy-files.ts';

export interface ExplainFlags extends TokenFlags {
  /** Absent if only the error is to be explained. */
  readonly policy?: string | undefined;
  readonly claims?: string | undefined;
  readonly roleArn?: string | undefined;
  /** The role's name in a file with several policies. */
  readonly role?: string | undefined;
  /** STS's error message. */
  readonly error?: string | undefined;
  /** `KEY=VALUE`, for request keys with values that only AWS knows. */
  readonly context?: readonly string[] | undefined;
  /** A file for the corrected policy. */
  readonly correctedTo?: string | undefined;
  readonly format: 'text' | 'json';
}

/** IAM allows at most 4096 characters without white space, so a longer text is not a role's policy. */
const maxPolicyCharacters = 20_480;

/**
 * Evaluates a trust policy against a token as IAM would, condition by condition.
 *
 * @returns 0 if the policy allows the token, 1 if it does not
 */
export async function trustPolicyExplainCommand(io: Io, flags: ExplainFlags): Promise<ExitCode> {
  const log = redactingLog(io, flags);
  try {
    const question: Question = {
      claims: await readClaims(io, flags),
      role: roleOf(flags, io),
      refusal: refusalOf(flags),
      // the environment describes this job's token, not claims in a file
      job: flags.claims === undefined ? jobFacts(io.env) : {},
      context: contextOf(flags),
      now: io.now(),
    };
    if (flags.policy === undefined) return await explainAlone(io, flags, question);
    const explanation = explainPolicy(await policyOf(io, flags, flags.policy), question);
    const roleName = question.role?.name ?? (explanation.found.role || 'ROLE');
    const written = explanation.corrected === undefined ? undefined : flags.correctedTo;
    if (written !== undefined) await io.writePrivateFile(written, correctedText(explanation.corrected));
    mentionExpiry(log, question);
    if (flags.format === 'json')
      await io.out(formatJson(explanationToJson(explanation), secretsOf(io.env, flags)));
    else printExplanation(redactingReport(io, flags), explanation, { roleName, written });
    return explanation.causes.length === 0 ? exitCodes.done : exitCodes.failed;
  } catch (error) {
    return reportFailure(log, error);
  }
}

/** Explains an error without the policy, from the token's claims. */
async function explainAlone(io: Io, flags: ExplainFlags, question: Question): Promise<ExitCode> {
  const causes = explainError(question);
  if (causes === undefined)
    throw invalid('--policy', 'must name a file', 'It is optional if --error is set.');
  if (flags.format === 'json') await io.out(formatJson({ causes }, secretsOf(io.env, flags)));
  else reportCauses(redactingReport(io, flags), causes);
  return exitCodes.failed;
}

async function policyOf(io: Io, { role }: ExplainFlags, path: string): Promise<FoundPolicy> {
  const all = await readPolicies(io, path);
  const matching = role === undefined ? all : all.filter((found) => found.role === role);
  const [found] = matching;
  if (found === undefined || matching.length > 1) {
    const names = all.map((one) => one.role).join(', ');
    throw invalid('--role', 'must name one role in the file', `The file has ${names}.`, role);
  }
  if (JSON.stringify(found.json).length > maxPolicyCharacters) {
    throw invalid(
      '--policy',
      `must have at most ${maxPolicyCharacters} characters`,
      'IAM allows at most 4096.',
    );
  }
  if (found.policy.problems.length > 0) {
    const lines = found.policy.problems.map(({ message, offset }) => {
      const { line, column } = found.place(offset);
      return `${path}:${line}:${column}: ${message}`;
    });
    throw new AwsOidcError('INVALID_INPUT', 'IAM would reject this policy.', { lines });
  }
  return found;
}

function roleOf({ roleArn }: ExplainFlags, io: Io) {
  const text = roleArn ?? io.env.AWS_OIDC_ROLE_ARN;
  if (!text) return undefined;
  try {
    return parseRoleArn(text);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    throw invalid('--role-arn', error.message, error.hint, text);
  }
}

/** An expired token is evaluated, too, because users paste old tokens. */
function mentionExpiry(log: JobLog, { claims, now }: Question): void {
  const until = isoTime(claims.exp);
  if (until === undefined || Number(claims.exp) * 1000 > now.getTime()) return;
  log.notice(`The token expired at ${until}; the policy is evaluated as if it were still valid.`);
}

function refusalOf({ error }: ExplainFlags): Refusal | undefined {
  if (error === undefined) return undefined;
  const refusal = parseRefusal(error);
  if (refusal !== undefined) return refusal;
  throw invalid(
    '--error',
    'must contain an error of STS',
    'Paste the output of the tool, with the error code and message: "AccessDenied: Not authorized to perform …".',
  );
}

function contextOf({ context = [] }: ExplainFlags): Readonly<Record<string, string>> {
  return Object.fromEntries(
    context.map((pair) => {
      const [, key, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
      if (key === undefined || value === undefined)
        throw invalid('--context', 'must be KEY=VALUE', undefined, pair);
      return [key, value];
    }),
  );
}

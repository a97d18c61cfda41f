import { TextError } from '../../text/text-error.ts';
import { policyOfRole } from '../../trust-policy/found-policy.ts';
import { isAboutWebIdentity } from '../../trust-policy/web-identity.ts';

/** A role as get-account-authorization-details describes it. */
export interface RoleDetail {
  readonly Arn: string;
  readonly RoleName: string;
  readonly AssumeRolePolicyDocument?: unknown;
  readonly RoleLastUsed?: unknown;
  readonly RolePolicyList?: unknown;
  readonly AttachedManagedPolicies?: unknown;
  readonly PermissionsBoundary?: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

/** Is it a role as IAM describes it, with its ARN and name? */
export function isRole(source: unknown): source is RoleDetail {
  const { Arn: arn, RoleName: name } = fieldsOf(source);
  return typeof arn === 'string' && typeof name === 'string' && /^arn:[^:]+:iam::\d{12}:role\//.test(arn);
}

/** Policies without these texts trust no issuer, and need not be parsed. */
const signs =
  /oidc-provider|\*|NotPrincipal|accounts\.google\.com|cognito-identity|www\.amazon\.com|graph\.facebook\.com/;

/** Does the role trust tokens? A policy that cannot be read may do so. */
export function trustsIssuer({
  RoleName: name = '',
  AssumeRolePolicyDocument: document,
}: {
  readonly RoleName?: string | undefined;
  readonly AssumeRolePolicyDocument?: unknown;
}): boolean {
  try {
    const text =
      typeof document === 'string' ? decodeURIComponent(document) : (JSON.stringify(document) ?? '');
    // an escape may hide a sign
    if (!signs.test(text) && !text.includes('\\u')) return false;
    const { policy } = policyOfRole(name, document, { line: 1, column: 1 });
    return policy.statements.some((one) => one.effect === 'Allow' && isAboutWebIdentity(one));
  } catch (error) {
    if (!(error instanceof TextError || error instanceof URIError)) throw error;
    return true;
  }
}

/** The value of JSON; any other text as it is. */
export function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}

/** The account ID in an ARN. */
export function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}

/** The SDK returns a Date, the AWS CLI prints ISO 8601 or seconds. */
export function toDate(value: unknown): Date | undefined {
  const date = new Date(
    typeof value === 'number' ? value * 1000 : ((value as string | Date | undefined) ?? ''),
  );
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** The members of an object; none for anything else. */
export function fieldsOf(source: unknown): Fields {
  return typeof source === 'object' && source !== null ? (source as Fields) : {};
}

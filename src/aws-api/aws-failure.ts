import { AwsOidcError } from '../errors.ts';
import { isUntrusted } from '../network/untrusted.ts';
import { redacted } from '../text/redacted.ts';
import { invalidInput } from '../validation/invalid-input.ts';

/** The fields of errors that the SDK and Node throw; all are optional, and none is trusted. */
interface RawError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const networkCodes = /^(E[A-Z_]+|TimeoutError)$/;

/** Does AWS say that something does not exist? */
export function isMissing(error: unknown): boolean {
  return nameOf(error) === 'NoSuchEntityException' || nameOf(error) === 'NoSuchEntity';
}

/** Does AWS say that something of this name exists already? */
export function isDuplicate(error: unknown): boolean {
  return /^EntityAlreadyExists(Exception)?$/.test(nameOf(error));
}

/** Did AWS refuse the action itself, so that other actions may still be allowed? */
export function isDenied(error: unknown): boolean {
  return /^(AccessDenied(Exception)?|UnauthorizedOperation|AuthorizationError)$/.test(nameOf(error));
}

function nameOf(error: unknown): string {
  return String((error as RawError | undefined)?.name ?? '');
}

/**
 * Translates an error of the SDK.
 *
 * @param action the action that was called, as policies name it: `iam:CreateRole`
 * @param secrets what the request contained: a response may repeat it
 * @returns an `AwsOidcError` that names the action and says what to do; the error itself if it is a bug
 */
export function awsFailure(action: string, error: unknown, secrets: readonly string[] = []): unknown {
  if (error instanceof AwsOidcError) return error;
  const raw = (typeof error === 'object' && error !== null ? error : {}) as RawError;
  const name = nameOf(error);
  const code = typeof raw.code === 'string' ? raw.code : name;
  if (/^(CredentialsProviderError|TokenProviderError|ProviderError)$/.test(name)) {
    return credentialsFailure(String(raw.message ?? ''), error);
  }
  const lines = messageOf(raw).map((line) => redacted(line, secrets));
  if (isDenied(error)) return denied(action, lines, error);
  const known = knownFailures.find(([names]) => names.test(name))?.[1];
  if (known !== undefined) {
    const [errorCode, message, hint] = known;
    return new AwsOidcError(errorCode, message, { hint, cause: error });
  }
  if (isUntrusted(code)) {
    return new AwsOidcError('UNTRUSTED_CONNECTION', `The connection to AWS is not trusted (${code}).`, {
      hint: 'If a proxy inspects TLS, set AWS_CA_BUNDLE to its CA certificate (PEM).',
      cause: error,
    });
  }
  if (code === 'ERR_INVALID_URL') {
    const rule = 'must be a URL, if it is set';
    return invalidInput([{ name: 'AWS_ENDPOINT_URL', rule, hint: 'Or AWS_ENDPOINT_URL_IAM, or _STS.' }], '');
  }
  const status = raw.$metadata?.httpStatusCode;
  if (isPassing(name, code, status)) return passing(action, code, status, error);
  if (status === undefined) return error;
  if (foreignErrors.includes(name)) return foreign(action, error);
  return new AwsOidcError('REFUSED', `AWS refused ${action}: ${redacted(name, secrets)}`, {
    lines,
    cause: error,
  });
}

function isPassing(name: string, code: string, status: number | undefined): boolean {
  if (/^(Throttl|RequestLimitExceeded|TooManyRequests|ServiceUnavailable|ServiceFailure|Internal)/.test(name))
    return true;
  return status === undefined ? networkCodes.test(code) : status >= 500 || status === 429;
}

function passing(action: string, code: string, status: number | undefined, cause: unknown): AwsOidcError {
  const isThrottled = /^(Throttl|RequestLimitExceeded|TooManyRequests)/.test(code) || status === 429;
  const message = isThrottled
    ? `AWS throttled ${action}, also after several attempts.`
    : `AWS did not answer ${action} (${code === 'Error' ? `HTTP status ${status}` : code}).`;
  const network = 'Check the network, and HTTPS_PROXY and NO_PROXY.';
  const hint = status === undefined ? network : 'Run the command again in a minute.';
  return new AwsOidcError('UNAVAILABLE', message, { hint, cause });
}

/** Errors of the SDK about a response that it cannot read, or that has no error code, such as a redirect. */
const foreignErrors = ['Error', 'SyntaxError', 'TypeError', 'Unknown'];

/** The SDK's message would describe its own internals, and repeat a part of the response. */
function foreign(action: string, cause: unknown): AwsOidcError {
  return new AwsOidcError('REFUSED', `The response to ${action} is not from AWS.`, {
    hint: 'Check AWS_ENDPOINT_URL and the proxy variables.',
    cause,
  });
}

function denied(action: string, lines: readonly string[], cause: unknown): AwsOidcError {
  return new AwsOidcError('REFUSED', `These AWS credentials are not allowed to call ${action}.`, {
    lines,
    hint: `Ask for ${action} in the caller's policy; a service control policy or permissions boundary can deny it, too.`,
    cause,
  });
}

type Known = readonly [code: 'INVALID_INPUT' | 'REFUSED', message: string, hint: string];

/** Errors about the credentials themselves, whatever the action is. */
const knownFailures: readonly (readonly [names: RegExp, failure: Known])[] = [
  [
    /^(InvalidClientTokenId|UnrecognizedClient(Exception)?|InvalidAccessKeyId)$/,
    [
      'REFUSED',
      'AWS does not know this access key.',
      'It was deleted, or is inactive, or belongs to another partition: for GovCloud and China, set --region, for example us-gov-west-1 or cn-north-1.',
    ],
  ],
  [
    /^(ExpiredToken(Exception)?|TokenRefreshRequired)$/,
    [
      'REFUSED',
      'The AWS credentials have expired.',
      'Renew them, for example with "aws sso login", and run the command again.',
    ],
  ],
  [
    /^(SignatureDoesNotMatch|InvalidSignatureException|RequestExpired|IncompleteSignature)$/,
    [
      'REFUSED',
      'AWS rejected the signature of the request.',
      "The secret key does not belong to the access key, or this machine's clock is wrong.",
    ],
  ],
];

/** The credential chain found nothing usable. Its messages name profiles and files, no secrets. */
function credentialsFailure(message: string, cause: unknown): AwsOidcError {
  const [line = ''] = message.split('\n');
  if (/expired|invalid.*session|aws sso login/i.test(message)) {
    return new AwsOidcError('REFUSED', 'The SSO session of the AWS profile has expired.', {
      lines: [line],
      hint: 'Run "aws sso login" with the same --profile, and then this command again.',
      cause,
    });
  }
  if (/could not load credentials from any providers/i.test(message)) {
    return new AwsOidcError('INVALID_INPUT', 'No AWS credentials were found.', {
      hint: 'Set --profile or AWS_PROFILE, or run "aws sso login" or "aws configure" first. "aws sts get-caller-identity" with the same profile must work.',
      cause,
    });
  }
  return new AwsOidcError('INVALID_INPUT', 'The AWS credentials could not be read.', {
    lines: [line],
    hint: 'Check the profile in ~/.aws/config. "aws sts get-caller-identity" with the same profile must work.',
    cause,
  });
}

/** AWS's message, which names the caller, the action and the resource. */
function messageOf({ message }: RawError): readonly string[] {
  return typeof message === 'string' && message !== '' ? [message] : [];
}

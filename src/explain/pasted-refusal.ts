import type { Refusal } from './situation.ts';

/** STS's error messages, as they appear in the output of tools; the first match counts. */
const messages: readonly (readonly [message: RegExp, code: string])[] = [
  [/explicit deny in an? (?:service|resource) control policy/i, 'AccessDenied'],
  [
    /(?:User|Principal): \S+ is not authorized to perform: sts:(?!AssumeRoleWithWebIdentity)\w+(?: on resource: \S+(?: because no [\w -]+? policy allows)?)?/i,
    'AccessDenied',
  ],
  [
    /Not authorized to perform:? sts:(?:AssumeRoleWithWebIdentity|TagSession|SetSourceIdentity)/i,
    'AccessDenied',
  ],
  [/No OpenIDConnect provider found in your account for [^\s"'<>)]+/i, 'InvalidIdentityToken'],
  [/Incorrect token audience/i, 'InvalidIdentityToken'],
  [/Couldn.?t retrieve verification key/i, 'InvalidIdentityToken'],
  [/HTTPS certificate doesn.?t match configured thumbprint/i, 'InvalidIdentityToken'],
  [/The ID Token provided is not a valid JWT/i, 'InvalidIdentityToken'],
  [/Missing a required claim: ?\w+/i, 'InvalidIdentityToken'],
  [/Token signature invalid|invalid (?:token )?signature/i, 'InvalidIdentityToken'],
  [
    /Token (?:is )?expired:? current date\/time \S+ must be before the expiration date\/time \S+/i,
    'ExpiredTokenException',
  ],
  [
    /(?:ID |identity |web identity )?token[\w ]{0,30} (?:is|has) expired|Token expired/i,
    'ExpiredTokenException',
  ],
  [/Unable to communicate with (?:the )?identity provider/i, 'IDPCommunicationError'],
  [/The requested DurationSeconds exceeds [^"<>)]*?(?:role chaining|for this role)\.?/i, 'ValidationError'],
  [/\d+ validation errors? detected: [^<]*?Member must [^<"\n]*/i, 'ValidationError'],
  [/Request ARN is invalid/i, 'ValidationError'],
  [/STS is not activated in this region[^"<\n]*/i, 'RegionDisabledException'],
  [/Packed (?:policy|size)[^"<\n]*/i, 'PackedPolicyTooLarge'],
  [/Syntax errors in policy\.?/i, 'MalformedPolicyDocument'],
  [/Rate exceeded/i, 'Throttling'],
];

/** STS's error codes as SDKs name them: `InvalidIdentityTokenException`, `Aws::STS::Errors::AccessDenied`. */
const codes =
  /(?<![A-Za-z])(AccessDenied|InvalidIdentityToken|ExpiredToken|IDPCommunicationError|IDPRejectedClaim|MalformedPolicyDocument|PackedPolicyTooLarge|RegionDisabled|ValidationError|Throttling|RequestLimitExceeded|ServiceUnavailable|InternalFailure|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|MissingAuthenticationToken|InvalidParameterValue|InvalidAction|OptInRequired)(Exception|Fault)?(?![A-Za-z])/;

/** STS's own responses use these codes with the suffix `Exception`. */
const withException = ['ExpiredToken', 'RegionDisabled', 'UnrecognizedClient'];

/**
 * Finds STS's error in the output of a tool: the AWS CLI, an SDK, Terraform, a job log, raw XML.
 *
 * @returns undefined if there is none
 */
export function parseRefusal(text: string): Refusal | undefined {
  const plain = cleaned(text);
  if (isOfAnother(plain)) return undefined;
  for (const [pattern, code] of messages) {
    const [message] = pattern.exec(plain) ?? [];
    if (message !== undefined) return { code, message };
  }
  const [whole = '', name, ending] = codes.exec(plain) ?? [];
  if (name === undefined) return undefined;
  const code = withException.includes(name) || (name === 'Throttling' && ending) ? `${name}Exception` : name;
  return { code, message: messageAfter(plain, plain.indexOf(whole) + whole.length) };
}

/** Is it an error of another AWS operation, which does not mention assuming a role? */
function isOfAnother(text: string): boolean {
  const [, first, second] = /calling the (\w+) operation|operation error [\w ]+: (\w+)/.exec(text) ?? [];
  const operation = first ?? second;
  return operation !== undefined && !/assume ?role/i.test(text);
}

/** Removes what terminals, editors and serializers add. */
function cleaned(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colors
      .replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '')
      .replace(/\\[nrt]/g, ' ')
      .replace(/\\(["'/\\])/g, '$1')
      .replace(/\\u0027|&apos;|&#39;|’/g, "'")
      .replace(/\\u0022|&quot;|&#34;/g, '"')
      .replace(/&lt;|\\u003c/gi, '<')
      .replace(/&gt;|\\u003e/gi, '>')
      .replace(/&amp;/g, '&')
      .replace(/[│╷╵|]/g, ' ')
      .replace(/\s+/g, ' ')
      .trim()
  );
}

/** The message after an error code, without the details that tools append. */
function messageAfter(text: string, at: number): string {
  const rest = text.slice(at);
  const [, cli] = /^\)? when calling the \w+ operation(?: \([^)]*\))?: (.*)$/.exec(rest) ?? [];
  const [, xml] = /<Message>([^<]*)<\/Message>/i.exec(rest) ?? [];
  const [, json] = /"[Mm]essage" ?: ?"([^"]*)"/.exec(rest) ?? [];
  const found = cli ?? xml ?? json ?? rest.replace(/^[\s:)\]"'<>/]+/, '');
  return (found.split(/ ?(?:status code:|\(Service:|\(Request|, request id|request id:)/i)[0] ?? '')
    .slice(0, 500)
    .trim();
}

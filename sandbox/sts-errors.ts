/** An STS error in a response: code, message, HTTP status. */
export interface StsErrorAnswer {
  readonly code: string;
  readonly message: string;
  readonly status: number;
}

/**
 * The exact errors of STS.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_Errors
 * https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
 */
export const stsErrors = {
  notAuthorized: error('AccessDenied', 403, 'Not authorized to perform sts:AssumeRoleWithWebIdentity'),
  noProvider: error(
    'InvalidIdentityToken',
    400,
    'No OpenIDConnect provider found in your account for ISSUER',
  ),
  incorrectAudience: error('InvalidIdentityToken', 400, 'Incorrect token audience'),
  noVerificationKey: error(
    'InvalidIdentityToken',
    400,
    // STS writes two spaces here
    "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
  ),
  thumbprint: error(
    'InvalidIdentityToken',
    400,
    "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
  ),
  notJwt: error(
    'InvalidIdentityToken',
    400,
    'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
  ),
  missingAudience: error('InvalidIdentityToken', 400, 'Missing a required claim: aud'),
  badSignature: error('InvalidIdentityToken', 400, 'Token signature invalid'),
  expiredToken: error(
    'ExpiredTokenException',
    400,
    'Token expired: current date/time NOW must be before the expiration date/time EXP',
  ),
  issuerUnreachable: error('IDPCommunicationError', 400, 'Unable to communicate with the identity provider'),
  rejectedClaim: error('IDPRejectedClaim', 403, 'The identity provider rejected a claim of the token'),
  malformedPolicy: error('MalformedPolicyDocument', 400, 'Syntax errors in policy.'),
  packedPolicyTooLarge: error(
    'PackedPolicyTooLarge',
    400,
    'Packed size of session policies exceeds the limit',
  ),
  regionDisabled: error(
    'RegionDisabledException',
    403,
    'STS is not activated in this region for account:111111111111. Your account administrator can activate STS in this region using the IAM Console.',
  ),
  sessionName: error(
    'ValidationError',
    400,
    "1 validation error detected: Value at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
  ),
  duration: error(
    'ValidationError',
    400,
    "1 validation error detected: Value at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200",
  ),
  maxSessionDuration: error(
    'ValidationError',
    400,
    'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
  ),
  chainedDuration: error(
    'ValidationError',
    400,
    'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
  ),
  invalidArn: error('ValidationError', 400, 'Request ARN is invalid'),
  throttling: error('Throttling', 400, 'Rate exceeded'),
  throttlingException: error('ThrottlingException', 400, 'Rate exceeded'),
  internalFailure: error('InternalFailure', 500, 'We encountered an internal error. Please try again.'),
  serviceUnavailable: error('ServiceUnavailable', 503, 'Service is unavailable. Please try again.'),
  notAuthorizedToChain: error(
    'AccessDenied',
    403,
    'User: CALLER is not authorized to perform: ACTION on resource: ROLE',
  ),
  invalidTag: error('ValidationError', 400, 'A session tag does not satisfy the constraints of the API'),
  tagKeyTwice: error(
    'InvalidParameterValue',
    400,
    'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
  ),
  inheritedTagKey: error(
    'InvalidParameterValue',
    400,
    "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
  ),
  invalidSourceIdentity: error(
    'ValidationError',
    400,
    "1 validation error detected: Value at 'sourceIdentity' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
  ),
  unknownKey: error('InvalidClientTokenId', 403, 'The security token included in the request is invalid'),
  expiredKey: error('ExpiredToken', 403, 'The security token included in the request is expired'),
  wrongSignature: error(
    'SignatureDoesNotMatch',
    403,
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  ),
  missingSignature: error('MissingAuthenticationToken', 403, 'Request is missing Authentication Token'),
  invalidAction: error('InvalidAction', 400, 'Could not find operation ACTION for version 2011-06-15'),
} as const satisfies Record<string, StsErrorAnswer>;

export type StsErrorName = keyof typeof stsErrors;

/** Thrown by an action; the server turns it into an error response. */
export class StsRefusal extends Error {
  readonly answer: StsErrorAnswer;

  /** @param values replacements for the words in capitals in the message */
  constructor(name: StsErrorName, values: Readonly<Record<string, string>> = {}) {
    const { message, ...answer } = stsErrors[name];
    const text = Object.entries(values).reduce(
      (rest, [word, value]) => rest.replace(word, value),
      message as string,
    );
    super(text);
    this.answer = { ...answer, message: text };
  }
}

function error(code: string, status: number, message: string): StsErrorAnswer {
  return { code, status, message };
}

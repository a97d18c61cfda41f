// Replaces classes of twelve lines each: the exceptions are distinguished by their names.
import { STSServiceException } from './STSServiceException';

const named = (name) =>
  class extends STSServiceException {
    constructor(fields) {
      super({ name, $fault: 'client', ...fields });
    }
  };

export const ExpiredTokenException = named('ExpiredTokenException');
export const MalformedPolicyDocumentException = named('MalformedPolicyDocumentException');
export const PackedPolicyTooLargeException = named('PackedPolicyTooLargeException');
export const RegionDisabledException = named('RegionDisabledException');
export const IDPRejectedClaimException = named('IDPRejectedClaimException');
export const InvalidIdentityTokenException = named('InvalidIdentityTokenException');
export const IDPCommunicationErrorException = named('IDPCommunicationErrorException');
export const InvalidAuthorizationMessageException = named('InvalidAuthorizationMessageException');
export const ExpiredTradeInTokenException = named('ExpiredTradeInTokenException');
export const JWTPayloadSizeExceededException = named('JWTPayloadSizeExceededException');
export const OutboundWebIdentityFederationDisabledException = named(
  'OutboundWebIdentityFederationDisabledException',
);
export const SessionDurationEscalationException = named('SessionDurationEscalationException');

/** Codes of OpenSSL and Node for a certificate that is not trusted, and for TLS errors. */
const untrustedCodes =
  /^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO$|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH$)/;

/** @param code of a network error: `CERT_HAS_EXPIRED` */
export function isUntrusted(code: string): boolean {
  return untrustedCodes.test(code);
}

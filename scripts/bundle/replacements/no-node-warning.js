export const state = { warningEmitted: true };
export function emitWarningIfUnsupportedVersion() {}

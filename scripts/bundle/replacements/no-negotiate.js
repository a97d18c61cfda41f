export const createNegotiateAuth = undefined;

export const fromNodeProviderChain = undefined;

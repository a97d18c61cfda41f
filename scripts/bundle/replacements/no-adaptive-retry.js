export const AdaptiveRetryStrategy = undefined;

/** The retries of an exchange, and the limits that the commands set for it. */
export { Deadline, defaultRetryLimits, type RetryLimits, retry } from '../network/retry.ts';

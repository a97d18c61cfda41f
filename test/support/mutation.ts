/**
 * The environment with which a program that a test starts runs the same mutation of the sources as the test, during
 * `npm run test:mutation`; otherwise empty.
 */
export function changedBy(): Readonly<Record<string, string>> {
  const { __stryker__: stryker } = globalThis as { __stryker__?: { readonly activeMutant?: string } };
  return stryker?.activeMutant === undefined ? {} : { __STRYKER_ACTIVE_MUTANT__: stryker.activeMutant };
}

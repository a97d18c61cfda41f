/**
 * What a program started by a test must know to run the same change of the sources as the test does, while
 * `npm run test:mutation` tries one; nothing otherwise.
 */
export function changedBy(): Readonly<Record<string, string>> {
  const { __stryker__: stryker } = globalThis as { __stryker__?: { readonly activeMutant?: string } };
  return stryker?.activeMutant === undefined ? {} : { __STRYKER_ACTIVE_MUTANT__: stryker.activeMutant };
}

/** What the repository's files contain: scripts that a job runs may need something that a recipe creates. */
export interface Repository {
  /** The first file that contains a word; documentation and pipelines do not count. */
  readonly naming: (word: string) => string | undefined;
  readonly has: (path: string) => boolean;
  /** The files that contain the name of a legacy variable. */
  readonly withLegacy: readonly string[];
  /** The text of a file whose name the pipeline contains. */
  readonly text: (path: string) => string | undefined;
}

/** A text that is not what it should be, and where that shows. */
export class TextError extends Error {
  override readonly name = 'TextError';
  /** Counts from 0. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** An error in a text, with its position. */
export class TextError extends Error {
  override readonly name = 'TextError';
  /** Starts at 0. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

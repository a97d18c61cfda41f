import type { Place } from './place.ts';

const lineFeed = 10;

/** Finds the line and column of byte offsets in a text that arrives in pieces. Offsets must not decrease. */
export class PlaceCounter {
  #chunk: Uint8Array = new Uint8Array();
  /** The offset at which the current piece begins. */
  #chunkStart = 0;
  #line = 1;
  #lineStart = 0;
  #counted = 0;

  /** Continues with the next piece. */
  next(chunk: Uint8Array): void {
    this.#count(this.#chunkStart + this.#chunk.length);
    this.#chunkStart += this.#chunk.length;
    this.#chunk = chunk;
  }

  /** @param offset in the current piece */
  at(offset: number): Place {
    this.#count(offset);
    return { line: this.#line, column: offset - this.#lineStart + 1 };
  }

  /** The place after everything so far. */
  end(): Place {
    return this.at(this.#chunkStart + this.#chunk.length);
  }

  #count(until: number): void {
    for (;;) {
      const found = this.#chunk.indexOf(lineFeed, this.#counted - this.#chunkStart) + this.#chunkStart;
      if (found < this.#chunkStart || found >= until) break;
      this.#line++;
      this.#lineStart = found + 1;
      this.#counted = found + 1;
    }
    this.#counted = Math.max(this.#counted, until);
  }
}

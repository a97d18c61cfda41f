import { Tokenizer, TokenParser, TokenType } from '@streamparser/json';
import type { Place } from './place.ts';
import { PlaceCounter } from './place-counter.ts';

/** An error in a JSON stream, with its position. */
export class JsonStreamError extends Error {
  override readonly name = 'JsonStreamError';
  readonly place: Place;

  constructor(message: string, place: Place) {
    super(message);
    this.place = place;
  }
}

/** What is read from the documents of a stream; everything else is skipped. */
export interface WantedParts {
  /** Members of a document whose items are wanted: `RoleDetailList`. */
  readonly lists: readonly string[];
  /** Members that are wanted themselves: `IsTruncated`. */
  readonly values?: readonly string[];
  /** Receives each item or value with the name of its member, and where an item that is no scalar begins. */
  readonly onItem: (member: string, item: unknown, place: Place) => void;
}

/** Limits the recursion of whatever reads an item. */
const maxDepth = 100;

/**
 * Reads the items of lists in JSON documents of any size that follow each other.
 *
 * @returns the names of all members of the documents
 * @throws {JsonStreamError} if the text is not UTF-8 or not JSON, incomplete, or nested too deeply
 */
export async function readJsonStream(
  chunks: AsyncIterable<Uint8Array>,
  wanted: WantedParts,
): Promise<ReadonlySet<string>> {
  const reader = new StreamReader(wanted);
  for await (const chunk of chunks) reader.write(chunk);
  return reader.end();
}

class StreamReader {
  // the empty separator allows documents to follow each other
  readonly #tokenizer = new Tokenizer({ separator: '', stringBufferSize: 64 * 1024 });
  readonly #parser: TokenParser;
  readonly #places = new PlaceCounter();
  readonly #members = new Set<string>();
  #depth = 0;
  #tokens = 0;
  #member = '';
  #itemPlace: Place = { line: 1, column: 1 };
  #offset = 0;
  #isFirst = true;

  constructor(wanted: WantedParts) {
    const { lists, values = [] } = wanted;
    const paths = [...lists.map((list) => `$.${list}.*`), ...values.map((value) => `$.${value}`)];
    this.#parser = new TokenParser({ paths, keepStack: false, separator: '' });
    this.#parser.onValue = ({ value }) => wanted.onItem(this.#member, value, this.#itemPlace);
    this.#tokenizer.onToken = (token) => {
      this.#follow(token.token, token.value, token.offset);
      this.#parser.write(token);
    };
  }

  write(chunk: Uint8Array): void {
    this.#places.next(chunk);
    if (this.#isFirst && isUtf16(chunk))
      throw new JsonStreamError('the file is UTF-16: convert it to UTF-8', this.#itemPlace);
    this.#isFirst &&= chunk.length === 0;
    this.#guarded(() => this.#tokenizer.write(chunk));
  }

  end(): ReadonlySet<string> {
    if (this.#depth > 0)
      throw new JsonStreamError('the file is incomplete: its end is missing', this.#places.end());
    this.#guarded(() => this.#tokenizer.end());
    if (this.#tokens === 0) throw new JsonStreamError('the file is empty', this.#places.end());
    return this.#members;
  }

  /** Keeps track of where the parser is. */
  #follow(type: TokenType, value: unknown, offset: number): void {
    this.#offset = offset;
    this.#tokens++;
    if (type === TokenType.STRING && this.#depth === 1) this.#member = String(value);
    if (type === TokenType.COLON && this.#depth === 1) this.#members.add(this.#member);
    const opens = type === TokenType.LEFT_BRACE || type === TokenType.LEFT_BRACKET;
    if (opens && this.#depth === 2) this.#itemPlace = this.#places.at(offset);
    if (opens && ++this.#depth > maxDepth)
      throw new JsonStreamError(`nested deeper than ${maxDepth} levels`, this.#places.at(offset));
    if (type === TokenType.RIGHT_BRACE || type === TokenType.RIGHT_BRACKET) this.#depth--;
  }

  /** Adds the position to the errors of the library. */
  #guarded(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (error instanceof JsonStreamError || !(error instanceof Error)) throw error;
      const [, position] = /absolute position "(\d+)"/.exec(error.message) ?? [];
      const [, found = ''] = /^Unexpected "([\s\S]*?)" at chunk/.exec(error.message) ?? [];
      if (position === undefined && !isOfLibrary(error)) throw error;
      const what = found === '' ? 'invalid JSON' : `invalid JSON: unexpected ${JSON.stringify(found)}`;
      throw new JsonStreamError(what, this.#places.at(Number(position ?? this.#offset)));
    }
  }
}

/** The library's own errors, and those of the decoder that it uses. */
function isOfLibrary(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return (
    /^(Unexpected|Tokenizer|Parser) /.test(error.message) || code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
  );
}

/** Windows PowerShell writes such files. */
function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

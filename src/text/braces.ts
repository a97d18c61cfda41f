/** A part of a text from an opening brace to its closing brace, with its offset. */
export interface Braces {
  readonly text: string;
  readonly offset: number;
}

/** Every outermost `{…}` in a text, with any text around it; braces in JSON strings do not count. */
export function bracesIn(text: string): readonly Braces[] {
  const found: Braces[] = [];
  let depth = 0;
  let start = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
    } else if (character === '"' && depth > 0) inString = true;
    else if (character === '{' && depth++ === 0) start = at;
    else if (character === '}' && depth > 0 && --depth === 0) {
      found.push({ text: text.slice(start, at + 1), offset: start });
    }
  }
  return found;
}

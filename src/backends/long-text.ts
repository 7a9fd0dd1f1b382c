/** Text that may be read in parts: a dump of 30 MB, of which a question needs a few lines. */

/** A string is one. */
export interface LongText {
  readonly length: number;
  slice(start: number, end: number): string;
  /** Where a short text stands from an offset on, or -1. */
  indexOf(searched: string, from: number): number;
}

/** Some lines of a text. */
export interface Lines {
  readonly text: string;
  /** Where they start in the whole. */
  readonly start: number;
}

/** How many characters are read at once: strings of this size are cheap to throw away. */
const WINDOW = 1 << 16;

/** The lines from an offset on, in parts that end with a line feed, or with the text. */
export function* linesOf(text: LongText, from = 0): Generator<Lines> {
  let size = WINDOW;
  for (let start = from; start < text.length; ) {
    const part = text.slice(start, Math.min(start + size, text.length));
    const isLast = start + part.length >= text.length;
    const end = isLast ? part.length : part.lastIndexOf('\n') + 1;
    // A line is longer: each try reads twice as much.
    size = end === 0 ? size * 2 : WINDOW;
    if (end > 0) yield { text: end === part.length ? part : part.slice(0, end), start };
    start += end;
  }
}

/** All of it as a string. */
export function wholeText(text: LongText): string {
  return typeof text === 'string' ? text : text.slice(0, text.length);
}

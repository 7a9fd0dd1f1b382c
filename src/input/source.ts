/** Input texts, the documents in them, and offsets as line and column. */

import type { Diagnostic, Position } from '../diagnostics.js';
import type { FieldPath } from './path.js';

/** One input file: `name` is what diagnostics call it. */
export interface Source {
  readonly name: string;
  /** That of a file is decoded on first use: then it throws InputError. */
  readonly text: string;
  /**
   * Whether an API server has checked the objects in it: only what protects rules is checked again.
   */
  readonly stored?: boolean | undefined;
  /** What was read of the text before; it is read where this is absent. */
  readonly read?: ReadResult | undefined;
}

/** A stretch of a source's text. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** One document of a source: its value as parsed, and the stretch of text it came from. */
export interface SourceDocument extends Stretch {
  readonly value: unknown;
  readonly syntax: 'yaml' | 'json';
}

/** A key that its map already had. */
export interface DuplicateKey {
  readonly key: string;
  /** The key that the map is under, itself or in a list; `''` for that of a document. */
  readonly parent: string;
  readonly offset: number;
}

/** The documents that could be parsed, and what is wrong with the text. */
export interface ReadResult {
  readonly documents: readonly SourceDocument[];
  readonly diagnostics: readonly Diagnostic[];
  /** Keys that were given twice: the values of the first ones are in no document. */
  readonly duplicates?: readonly DuplicateKey[];
}

/**
 * Finds the offset of a path in a document: of the value if it is a scalar (with `key`, of its
 * key), of its key if it is not, and of the nearest parent if there is no such path.
 */
export type Locator = (path: FieldPath, part?: 'key' | 'value') => number;

/** Found once per source: many positions in one file cost one pass over its text. */
const lineStarts = new WeakMap<Source, readonly number[]>();

/** Line and column, from 1, of an offset. Lines end at `\n`, so CRLF text counts the same. */
export function positionAt(source: Source, offset: number): Position {
  const starts = lineStarts.get(source) ?? findLineStarts(source);
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return { file: source.name, line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}

function findLineStarts(source: Source): readonly number[] {
  const starts = [0];
  for (let end = source.text.indexOf('\n'); end >= 0; end = source.text.indexOf('\n', end + 1)) {
    starts.push(end + 1);
  }
  lineStarts.set(source, starts);
  return starts;
}

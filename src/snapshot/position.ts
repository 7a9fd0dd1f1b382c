/** Offsets in a source -> line and column. */

import type { Position } from '../diagnostics.js';
import type { Source } from './read.js';

/** Found once per source: a file with many faults is not counted through for each of them. */
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

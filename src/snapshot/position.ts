/** Offsets in a source -> line and column. */

import type { Position } from '../diagnostics.js';
import type { Source } from './read.js';

/** Line and column, from 1, of an offset. Lines end at `\n`, so CRLF text counts the same. */
export function positionAt(source: Source, offset: number): Position {
  let line = 1;
  let lineStart = 0;
  for (let end = source.text.indexOf('\n'); end >= 0 && end < offset; ) {
    line++;
    lineStart = end + 1;
    end = source.text.indexOf('\n', lineStart);
  }
  return { file: source.name, line, column: offset - lineStart + 1 };
}

/** Cuts a stream of bytes into lines: chunks end anywhere, also inside a character. */

import { ClusterError } from '../errors.js';

const NEWLINE = 0x0a;

/**
 * The lines of a stream, without their ends and without empty ones. Throws ClusterError for a line
 * longer than `limit` bytes, which would fill the memory, and where the stream ends inside a line:
 * what was cut must not look whole.
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncGenerator<string> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = textOf(parts, chunk.subarray(start, end));
      if (line !== '') yield line;
      parts = [];
      length = 0;
      start = end + 1;
    }
    const rest = chunk.subarray(start);
    if (rest.length > 0) parts.push(rest);
    length += rest.length;
    if (length > limit)
      throw new ClusterError(`a line of more than ${limit} bytes`, { reason: 'Malformed' });
  }
  if (textOf(parts, new Uint8Array()) !== '')
    throw new ClusterError('the answer ends inside a line', { reason: 'Cut' });
}

function textOf(parts: readonly Uint8Array[], last: Uint8Array): string {
  return Buffer.concat([...parts, last])
    .toString('utf8')
    .trim();
}

/** Sources as they are stored: of a large one only a part may be asked for. */

import type { Source } from './source.js';

/** A source whose text need not be decoded. */
export interface StoredSource extends Source {
  /** What is in the file, until the text is decoded. */
  readonly bytes?: StoredBytes | undefined;
}

/**
 * The bytes of a file in pieces: most of a large one is not asked for, and memory that a process
 * has not used before takes longer to get than the bytes.
 */
export interface StoredBytes {
  readonly length: number;
  /** What stands there; valid until the next call. */
  piece(start: number, end: number): Buffer;
  /** All bytes. Nothing can be read after that. */
  whole(): Buffer;
}

/** Bytes that are in memory. */
export function storedIn(bytes: Buffer): StoredBytes {
  return {
    length: bytes.length,
    piece: (start, end) => bytes.subarray(start, end),
    whole: () => bytes,
  };
}

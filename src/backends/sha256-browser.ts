/** SHA-256 where Node.js is not, in place of `sha256.ts`: the same functions, at half the speed. */

import { sha256 as digest } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** The SHA-256 of a text in UTF-8, in hex. */
export function sha256(text: string): string {
  return bytesToHex(digest(utf8ToBytes(text)));
}

/** The SHA-256 of the joined texts, in hex. */
export function sha256Hex(texts: Iterable<string>): string {
  const state = digest.create();
  for (const text of texts) state.update(utf8ToBytes(text));
  return bytesToHex(state.digest());
}

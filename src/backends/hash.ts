/**
 * SHA-256, in the two forms that backends need: cut for names of chains, whole for fingerprints.
 */

import { sha256, sha256Hex } from './sha256.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Two base32 digits for every value of ten bits. */
const DIGIT_PAIRS: readonly string[] = Array.from(
  { length: 1024 },
  (_, value) => ALPHABET.charAt(value >> 5) + ALPHABET.charAt(value & 31),
);

/** The first 8 or 16 base32 digits (RFC 4648) of the SHA-256 of a text: 40 or 80 bits. */
export function hashDigits(text: string, digits: 8 | 16): string {
  const bytes = sha256(text);
  return digits === 8 ? eightDigits(bytes, 0) : eightDigits(bytes, 0) + eightDigits(bytes, 5);
}

/**
 * Five bytes are four groups of ten bits; 40 bits do not fit a 32-bit operator, so two halves of
 * 20.
 */
function eightDigits(bytes: Uint8Array, start: number): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = bytes.subarray(start, start + 5);
  const high = (a << 12) | (b << 4) | (c >> 4);
  const low = ((c & 15) << 16) | (d << 8) | e;
  return `${DIGIT_PAIRS[high >> 10]}${DIGIT_PAIRS[high & 1023]}${DIGIT_PAIRS[low >> 10]}${DIGIT_PAIRS[low & 1023]}`;
}

/** The SHA-256 of texts, in hex, whatever their order. */
export function digestOf(texts: readonly string[]): string {
  return sha256Hex([...texts].sort().map((text) => `${text}\n\n`));
}

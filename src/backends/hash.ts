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
  const hex = sha256(text);
  let found = '';
  // Five hex digits are 20 bits, as four of base32 are.
  for (let at = 0; found.length < digits; at += 5) {
    const bits = Number.parseInt(hex.slice(at, at + 5), 16);
    found += `${DIGIT_PAIRS[bits >> 10]}${DIGIT_PAIRS[bits & 1023]}`;
  }
  return found;
}

/** The SHA-256 of texts, in hex, independent of their order. */
export function digestOf(texts: readonly string[]): string {
  return sha256Hex([...texts].sort().map((text) => `${text}\n\n`));
}

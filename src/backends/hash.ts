/** SHA-256, in the two forms that backends need: cut for names of chains, whole for fingerprints. */

import { createHash, hash } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Two base32 digits for every value of ten bits. */
const DIGIT_PAIRS: readonly string[] = Array.from(
  { length: 1024 },
  (_, value) => ALPHABET.charAt(value >> 5) + ALPHABET.charAt(value & 31),
);

/** The first 8 or 16 base32 digits (RFC 4648) of the SHA-256 of a text: 40 or 80 bits. */
export function hashDigits(text: string, digits: 8 | 16): string {
  const bytes = hash('sha256', text, 'buffer');
  return digits === 8 ? eightDigits(bytes, 0) : eightDigits(bytes, 0) + eightDigits(bytes, 5);
}

/** Five bytes are four groups of ten bits; 40 bits do not fit a 32-bit operator, so two halves of 20. */
function eightDigits(bytes: Buffer, start: number): string {
  const middle = bytes[start + 2] ?? 0;
  const high = (bytes.readUInt16BE(start) << 4) | (middle >> 4);
  const low = ((middle & 15) << 16) | bytes.readUInt16BE(start + 3);
  return `${DIGIT_PAIRS[high >> 10]}${DIGIT_PAIRS[high & 1023]}${DIGIT_PAIRS[low >> 10]}${DIGIT_PAIRS[low & 1023]}`;
}

/** The SHA-256 of texts in whatever order, in hex. */
export function digestOf(texts: readonly string[]): string {
  const digest = createHash('sha256');
  for (const text of [...texts].sort()) digest.update(text).update('\n\n');
  return digest.digest('hex');
}

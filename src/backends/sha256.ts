/**
 * SHA-256 by Node.js; bundlers for browsers put `sha256-browser.ts` in its place, by the field
 * `browser` of package.json.
 */

import { createHash, hash } from 'node:crypto';

/** The SHA-256 of a text in UTF-8, in hex: without a Buffer it takes a quarter of the time. */
export function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}

/** The SHA-256 of the joined texts, in hex. */
export function sha256Hex(texts: Iterable<string>): string {
  const digest = createHash('sha256');
  for (const text of texts) digest.update(text);
  return digest.digest('hex');
}

/** A stable, evenly distributed hash for the allocation of addresses and ports. */

/**
 * A number from 0 to 2^32 - 1 for a text and an attempt: FNV-1a with the finalizer of murmur3. It
 * must never change, because the same input must get the same addresses from every version.
 */
function hash32(text: string, attempt: number): number {
  let hash = 0x811c9dc5 ^ Math.imul(attempt + 1, 0x9e3779b1);
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** How many places are tried by hash before the free one next to the first is searched. */
const ATTEMPTS = 16;

/**
 * The first free place for a text among `count` places, or undefined if all are taken. Each text
 * has its own sequence of places, so that adding or removing others changes its place only where
 * they have the same one first.
 */
export function pickPlace(
  text: string,
  count: number,
  isFree: (place: number) => boolean,
): number | undefined {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const place = hash32(text, attempt) % count;
    if (isFree(place)) return place;
  }
  const start = hash32(text, 0) % count;
  for (let step = 1; step < count; step++) {
    const place = (start + step) % count;
    if (isFree(place)) return place;
  }
  return undefined;
}

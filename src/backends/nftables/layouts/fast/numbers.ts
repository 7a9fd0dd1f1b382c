/**
 * Gives the endpoints of a pool their numbers. They depend on which endpoints there are and on
 * nothing else; one endpoint more or less changes about as many of them as the logarithm of the
 * size of the pool says, where numbers in the order of a list would change half of it.
 */

import type { Endpoint } from '../../../../model/types.js';
import { sha256 } from '../../../sha256.js';

/** Pools up to this size are numbered in their order: that few elements cost nft no time. */
const MOST_IN_ORDER = 16;

/** The numbers that an endpoint asks for, one after the other: `start`, `start + step`, … */
interface Wishes {
  readonly endpoint: Endpoint;
  /** Those with less ask first. */
  readonly rank: number;
  readonly start: number;
  /** Odd, so that every number is asked for. */
  readonly step: number;
}

/** Every endpoint at the place of its number. */
export function numberedEndpoints(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  if (endpoints.length <= MOST_IN_ORDER) return endpoints;
  const size = endpoints.length;
  const range = 2 ** Math.ceil(Math.log2(size));
  const found = new Map<number, Endpoint>();
  for (const { endpoint, start, step } of inRank(endpoints.map(wishesOf))) {
    let wish = start;
    while (found.has(placeOf(wish, size, range))) wish += step;
    found.set(placeOf(wish, size, range), endpoint);
  }
  return Array.from({ length: size }, (_, number) => found.get(number)).flatMap(
    (endpoint) => endpoint ?? [],
  );
}

/**
 * One place more takes over only wishes of one other place, as in linear hashing (Litwin 1980).
 * `range`: the power of two from `size` on.
 */
function placeOf(wish: number, size: number, range: number): number {
  const place = wish % range;
  return place < size ? place : place - range / 2;
}

function wishesOf(endpoint: Endpoint): Wishes {
  const digits = sha256(`${endpoint.ip} ${endpoint.port}`);
  const word = (n: number): number => Number.parseInt(digits.slice(8 * n, 8 * n + 8), 16);
  return { endpoint, rank: word(0), start: word(1), step: 2 * (word(2) % 2 ** 20) + 1 };
}

/** Equal ranks keep the order of the model. */
function inRank(wishes: readonly Wishes[]): readonly Wishes[] {
  return [...wishes].sort((a, b) => a.rank - b.rank);
}

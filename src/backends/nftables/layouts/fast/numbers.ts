/**
 * Gives the endpoints of a pool their numbers. They depend on which endpoints there are and on
 * nothing else; one endpoint more or less changes about as many of them as the logarithm of the
 * size of the pool says, where numbers in the order of a list would change half of it.
 */

import type { Endpoint } from '../../../../model/types.js';
import { sha256 } from '../../../sha256.js';

/** Pools up to this size are numbered in their order: that few elements cost nft no time. */
const MOST_IN_ORDER = 16;

/**
 * The numbers that are tried for an endpoint, as in a hash table with double hashing: `start`,
 * `start + step`, … until one is free.
 */
interface Probe {
  readonly endpoint: Endpoint;
  /** Endpoints with a lower rank come first. */
  readonly rank: number;
  readonly start: number;
  /** Odd, so that every number is tried. */
  readonly step: number;
}

/** Every endpoint at the place of its number. */
export function numberedEndpoints(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  if (endpoints.length <= MOST_IN_ORDER) return endpoints;
  const size = endpoints.length;
  const range = 2 ** Math.ceil(Math.log2(size));
  const found = new Map<number, Endpoint>();
  for (const { endpoint, start, step } of byRank(endpoints.map(probeOf))) {
    let tried = start;
    while (found.has(placeOf(tried, size, range))) tried += step;
    found.set(placeOf(tried, size, range), endpoint);
  }
  return Array.from({ length: size }, (_, number) => found.get(number)).flatMap(
    (endpoint) => endpoint ?? [],
  );
}

/**
 * The place that a tried number stands for. One place more takes over numbers of one other place
 * only, as in linear hashing (Litwin 1980). `range`: the power of two from `size` on.
 */
function placeOf(tried: number, size: number, range: number): number {
  const place = tried % range;
  return place < size ? place : place - range / 2;
}

function probeOf(endpoint: Endpoint): Probe {
  const digits = sha256(`${endpoint.ip} ${endpoint.port}`);
  const word = (n: number): number => Number.parseInt(digits.slice(8 * n, 8 * n + 8), 16);
  return { endpoint, rank: word(0), start: word(1), step: 2 * (word(2) % 2 ** 20) + 1 };
}

/** Equal ranks keep the order of the model. */
function byRank(probes: readonly Probe[]): readonly Probe[] {
  return [...probes].sort((a, b) => a.rank - b.rank);
}

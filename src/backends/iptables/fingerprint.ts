/** One word for all that a dump holds of ours: a saved plan is good as long as it stays the same. */

import { digestOf } from '../hash.js';
import { dumpChains } from './chains.js';
import type { Dump } from './syntax/parse.js';

/**
 * SHA-256, in hex, over our chains and the jumps to them. The order of chains, built-in chains without
 * a jump to ours, counters and everything foreign do not count.
 */
export function fingerprint(dump: Dump): string {
  const chains = [...dumpChains(dump)]
    .filter(([, { order, lines }]) => order !== 'guest' || lines.length > 0)
    .map(([key, { lines }]) => [key, ...lines].join('\n'));
  return digestOf(chains);
}

/** SHA-256 of what we own in a dump. A saved plan is stale once it changes. */

import { digestOf } from '../hash.js';
import { dumpChains } from './chains.js';
import { isOwned } from './ownership.js';
import { withoutComment } from './syntax/line-text.js';
import type { Dump } from './syntax/parse.js';

/**
 * SHA-256, in hex, over the tables that are ours. The order of units and of elements, clients that
 * affinity remembers, comments and everything foreign do not count.
 */
export function fingerprint(dump: Dump): string {
  const units = [...dump.tables.keys()]
    .filter(isOwned)
    .flatMap((table) => [...dumpChains(dump, table)])
    .map(([key, { order, lines }]) => {
      const words = lines.map(withoutComment);
      return [key, ...(order === 'shared' ? words.sort() : words)].join('\n');
    });
  return digestOf(units);
}

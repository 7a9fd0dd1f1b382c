/** Compares chains, sets and maps as nft lists them with those that are wanted. */

import { diffChains } from '../../../plan/diff.js';
import type { ChainChange, ChainState, Chains } from '../../../plan/types.js';
import type { Steps } from '../../../steps.js';
import { dumpChainsInSteps } from '../chains.js';
import { refuseUnread } from '../remarks.js';
import { withoutComment } from '../syntax/line-text.js';
import { parseInSteps } from '../syntax/parse.js';
import { FRAGMENT_CHAINS } from './fragment-chains.js';
import { jsonItems, listingOfItems } from './json-items.js';

/** How what is listed differs from what makes the wanted chains, and from the wanted sets. */
export function* listedDifferences(
  chains: readonly string[],
  sets: readonly string[],
  wanted: Chains,
  table: string,
): Steps<readonly ChainChange[]> {
  const items = [...chains];
  for (const text of sets) for (const item of yield* jsonItems(text)) items.push(item);
  const dump = yield* parseInSteps(listingOfItems(items), { name: 'nft' });
  refuseUnread(dump, 'nft');
  const found = new Map(yield* dumpChainsInSteps(dump, table));
  const made = new Map<string, ChainState>();
  for (const [key, state] of wanted) {
    const there = found.get(key);
    if (state.order !== 'shared') made.set(key, { ...state, lines: state.lines.slice(0, 1) });
    else if (there !== undefined && haveSameElements(there, state)) found.delete(key);
    else made.set(key, state);
  }
  return diffChains(found, made, FRAGMENT_CHAINS.rules, true).changes;
}

/** To the letter: nearly always, and quickly seen. */
function haveSameElements({ lines: a }: ChainState, { lines: b }: ChainState): boolean {
  if (a.length !== b.length) return false;
  const there = new Set(a);
  return (
    b.every((line, i) => i === 0 || there.has(line)) &&
    withoutComment(a[0] ?? '') === withoutComment(b[0] ?? '')
  );
}

/** Finds rules that mean what they should in other words. They are shown on request and never rewritten for it. */

import type { ChainChange, ChainState, CommentChange } from './types.js';

/** The rules that stay, with the words that they would have if they were written now. */
export function commentChanges(
  found: ChainState,
  wanted: ChainState,
  change: ChainChange | undefined,
  meaning: (line: string) => string,
): readonly CommentChange[] {
  const { table, chain } = wanted;
  const texts = new Set(found.lines);
  const others = wanted.lines.filter((line) => !texts.has(line));
  if (others.length === 0 || (change !== undefined && change.action !== 'edit')) return [];
  const old = new Map(found.lines.map((line) => [meaning(line), line]));
  return others.flatMap((after) => {
    const before = old.get(meaning(after));
    return before === undefined ? [] : { table, chain, before, after };
  });
}

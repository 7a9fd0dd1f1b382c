/** Finds lines that differ in nothing but their comment. Pure. */

import type { ChainChange, ChainState, CommentChange } from './types.js';

/**
 * The lines that stay although their comment differs from the wanted one. They are shown on
 * request, and never rewritten for the comment alone.
 */
export function commentChanges(
  found: ChainState,
  wanted: ChainState,
  change: ChainChange | undefined,
  meaning: (line: string) => string,
): readonly CommentChange[] {
  const { table, kind, name } = wanted;
  const texts = new Set(found.lines);
  const others = wanted.lines.filter((line) => !texts.has(line));
  if (others.length === 0 || (change !== undefined && change.action !== 'edit')) return [];
  const old = new Map(found.lines.map((line) => [meaning(line), line]));
  return others.flatMap((after) => {
    const before = old.get(meaning(after));
    return before === undefined ? [] : { table, kind, name, before, after };
  });
}

/** How scripts for `nft -f` go to a screen or into a file: as one for both families, because nft loads both at once. */

import type { NamedDocument, RuleDocument } from '../../ruleset/types.js';

/** One script. */
export function joinDocuments(documents: readonly RuleDocument[]): string {
  return documents.map(({ text }) => text).join('');
}

/** One file, whatever the families. */
export function documentFiles(documents: readonly RuleDocument[]): readonly NamedDocument[] {
  return [{ name: 'nftables.nft', text: joinDocuments(documents) }];
}

/** How many rules a script holds. */
export function countRules(text: string): number {
  return text.match(/^add rule /gm)?.length ?? 0;
}

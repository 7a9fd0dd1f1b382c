/** Scripts for `nft -f`, as text and as files: one for both families, which nft loads at once. */

import type { Family } from '../../net/ip.js';
import type { NamedDocument, RuleDocument } from '../../ruleset/types.js';
import { type LongText, wholeText } from '../long-text.js';

/** One script. */
export function joinDocuments(documents: readonly RuleDocument[]): string {
  return documents.map(({ text }) => text).join('');
}

/** One file for all families. */
export function documentFiles(documents: readonly RuleDocument[]): readonly NamedDocument[] {
  return [{ name: 'nftables.nft', text: joinDocuments(documents) }];
}

/** How many rules a script holds. */
export function countRules(text: string): number {
  return text.match(/^add rule /gm)?.length ?? 0;
}

/**
 * The families whose table a listing, indented or not, or a script holds; none where nothing of
 * ours is in it.
 */
export function familiesOf(dump: LongText): readonly Family[] {
  const text = wholeText(dump);
  const listed = [...text.matchAll(/"table"\s*:\s*\{[^{}]*\}/g)]
    .map(([object]) => object)
    .filter((object) => /"name"\s*:\s*"kube-proxy"/.test(object))
    .map((object) => /"family"\s*:\s*"(ip6?)"/.exec(object)?.[1]);
  const made = [...text.matchAll(MADE)].map(([, word]) => word);
  const words = new Set([...listed, ...made]);
  const families: readonly Family[] = ['IPv4', 'IPv6'];
  return families.filter((family) => words.has(family === 'IPv4' ? 'ip' : 'ip6'));
}

/** A line that makes our table: looked for by its words, as most lines do not have them. */
const MADE = /table (ip6?) kube-proxy\b(?<=^(?:add )?table \S+ kube-proxy)/gm;

/** nft prints JSON. */
export const encoding = 'utf8';

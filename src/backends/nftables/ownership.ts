/** Which tables are ours. Everything in the tables `kube-proxy` is, and nothing else. */

import type { Family } from '../../net/ip.js';
import { familyWords } from './layouts/kube-proxy/view-words.js';

/** The table of a family, as nft names it. */
export function tableName(family: Family): string {
  return `${familyWords(family).ip} kube-proxy`;
}

/** The command that makes the table of a family. */
export function tableDeclaration(family: Family): string {
  return `add table ${tableName(family)} { comment "rules for kube-proxy" ; }`;
}

/** Whether a table is ours as a whole; all others are foreign and never looked at. */
export function isOwned(table: string): boolean {
  return table === 'ip kube-proxy' || table === 'ip6 kube-proxy';
}

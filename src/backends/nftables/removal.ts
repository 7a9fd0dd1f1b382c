/** What takes everything of ours out of the kernel in mode nftables: the table of each family as a whole. Pure. */

import type { Family } from '../../net/ip.js';
import { tableName } from './ownership.js';

/**
 * What asks nft which tables there are. It names every table, with its sets; asked for `tables` it would read all rules of the
 * machine first, those of iptables-nft included, which takes many seconds where there are thousands of Services.
 */
export const TABLE_QUESTION: readonly string[] = ['list', 'sets'];

/** The families that have a table of ours, by the answer to {@link TABLE_QUESTION}. */
export function familiesWithTable(listing: string, families: readonly Family[]): readonly Family[] {
  const lines = new Set(listing.split('\n').map((line) => line.trim()));
  return families.filter((family) => lines.has(`table ${tableName(family)} {`));
}

/** The arguments with which nft deletes the table of a family, and all that is in it. */
export function removalArguments(family: Family): readonly string[] {
  return ['delete', 'table', ...tableName(family).split(' ')];
}

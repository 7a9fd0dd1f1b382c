/** What takes everything of ours out of the kernel in mode nftables: the table of each family as a whole. Pure. */

import type { Family } from '../../net/ip.js';
import { tableName } from './ownership.js';

/** The families that have a table of ours, by what `nft list tables` printed. */
export function familiesWithTable(listing: string, families: readonly Family[]): readonly Family[] {
  const lines = new Set(listing.split('\n').map((line) => line.trim()));
  return families.filter((family) => lines.has(`table ${tableName(family)}`));
}

/** The arguments with which nft deletes the table of a family, and all that is in it. */
export function removalArguments(family: Family): readonly string[] {
  return ['delete', 'table', ...tableName(family).split(' ')];
}

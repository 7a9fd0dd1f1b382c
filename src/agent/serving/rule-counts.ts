/** Counts the rules of iptables-restore's input by table, without reading what they say. */

/** The tables that kube-proxy's metrics know: it has no rules in any other. */
export const TABLES = ['filter', 'nat'] as const;

export type TableCounts = Readonly<Record<(typeof TABLES)[number], number>>;

/** How many rules a text adds to each table. */
export function ruleCounts(text: string): TableCounts {
  const counts = { filter: 0, nat: 0 };
  let table: keyof typeof counts | undefined;
  for (const [, head = '', name] of text.matchAll(/^(?:(-[AI]) |\*(\S+))/gm)) {
    if (head === '') table = TABLES.find((known) => known === name);
    else if (table !== undefined) counts[table] += 1;
  }
  return counts;
}

/** All counts together. */
export function addCounts(all: readonly TableCounts[]): TableCounts {
  const sum = { filter: 0, nat: 0 };
  for (const { filter, nat } of all) {
    sum.filter += filter;
    sum.nat += nat;
  }
  return sum;
}

/** Reads the events of `nft monitor`. */

import type { Family } from '../net/ip.js';

/** What `nft monitor` reports about the tables of this mode. */
export interface Monitor {
  /**
   * The largest ruleset for which a monitor starts within about a second: it reads all rules first,
   * and its start-up time grows with their square.
   */
  readonly maxBytes: number;
  /** The family of the table that an event changes; `undefined` where it is none of ours. */
  readonly familyOf: (event: string) => Family | undefined;
}

const CHANGE = /^(?:add|insert|delete|replace|flush|rename) /;

/**
 * The family that an event changes, taken from the first group of `table`; `undefined` for other
 * events.
 */
export function monitoredFamily(table: RegExp, event: string): Family | undefined {
  if (!CHANGE.test(event)) return undefined;
  const ip = table.exec(event)?.[1];
  return ip === undefined ? undefined : ip === 'ip' ? 'IPv4' : 'IPv6';
}

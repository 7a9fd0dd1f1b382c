/** Reads the events of `nft monitor`. */

import type { Family } from '../net/ip.js';

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

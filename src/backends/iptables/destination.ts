/** Where a rule has the kernel send packets instead. */

import { parseIp } from '../../net/ip.js';
import type { Action } from '../../netfilter/rule.js';

/** `--to-destination`: one address with or without a port; ranges of them are not understood. */
export function destinationTranslation(to: string): Action {
  const [, bracketed, plain, port = '0'] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(to) ?? [];
  const ip = parseIp(bracketed ?? plain ?? to);
  return ip === undefined
    ? { kind: 'unknown-action', text: `DNAT ${to}` }
    : { kind: 'dnat', ip, port: Number(port) };
}

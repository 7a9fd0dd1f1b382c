/** How many packets to node ports on loopback addresses the kernel has refused. */

import { goodOutput, type Host } from '../../../host/host.js';
import type { Protocol } from '../../../model/types.js';
import type { Family } from '../../../net/ip.js';
import { PROTOCOL_WORDS } from '../../port-view.js';
import { tableName } from '../ownership.js';
import { contentOf, listOf, objectOf } from '../syntax/json-values.js';

/** Milliseconds that a scrape waits for nft. */
const TIMEOUT = 2000;

const BY_COUNTER: ReadonlyMap<unknown, Protocol> = new Map(
  (Object.keys(PROTOCOL_WORDS) as Protocol[]).map((protocol) => [
    `localhost-nodeport-rejected-${PROTOCOL_WORDS[protocol]}`,
    protocol,
  ]),
);

/** Packets by protocol; nothing of a counter that is not there, and where nft does not answer. */
export async function refusedPackets(
  host: Host,
  family: Family,
): Promise<ReadonlyMap<Protocol, number>> {
  const args = ['-j', 'list', 'counters', 'table', ...tableName(family).split(' ')];
  const output = goodOutput(await host.run({ command: 'nft', args, timeout: TIMEOUT }));
  const counts = new Map<Protocol, number>();
  for (const item of itemsOf(output ?? '{}')) {
    const { name, packets } = objectOf(contentOf(item, 'counter')) ?? {};
    const protocol = BY_COUNTER.get(name);
    if (protocol !== undefined && typeof packets === 'number') counts.set(protocol, packets);
  }
  return counts;
}

function itemsOf(json: string): readonly unknown[] {
  try {
    const { nftables } = objectOf(JSON.parse(json)) ?? {};
    return listOf(nftables) ?? [];
  } catch {
    // Output that was cut off.
    return [];
  }
}

/** How a node refuses: the two look the same to who asked, so they are counted where they leave. */

import type { Family } from '../../src/index.js';
import type { Namespace } from '../support/machines/netns.js';

/** A TCP reset, or an ICMP destination unreachable. */
export type Refusal = 'reset' | 'unreachable';

/** How many of each the node has sent so far; unreachables of this family, resets of both. */
export async function refusalsSent(
  node: Namespace,
  family: Family,
): Promise<Readonly<Record<Refusal, number>>> {
  const [old, newer] = await Promise.all([
    node.run('cat', ['/proc/net/snmp']),
    node.run('cat', ['/proc/net/snmp6']),
  ]);
  return {
    reset: columnOf(old, 'Tcp', 'OutRsts'),
    unreachable:
      family === 'IPv4'
        ? columnOf(old, 'Icmp', 'OutDestUnreachs')
        : Number(/^Icmp6OutDestUnreachs\s+(\d+)/m.exec(newer)![1]),
  };
}

/** A line of names is followed by one of numbers, both after the protocol. */
function columnOf(table: string, protocol: string, name: string): number {
  const [names, numbers] = table
    .split('\n')
    .filter((line) => line.startsWith(`${protocol}:`))
    .map((line) => line.split(' '));
  const value = Number(numbers![names!.indexOf(name)]);
  if (Number.isNaN(value)) throw new Error(`no ${protocol} ${name} in /proc/net/snmp`);
  return value;
}

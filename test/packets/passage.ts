/**
 * Counts TCP packets on the links of a machine that only forwards: what comes from one end and does
 * not go to the other was lost on this machine, whatever the ends do about it.
 *
 * A repeated packet is no sign of a loss. A client that opens thousands of connections comes back
 * to ports that it had. Connection tracking forgets the earlier connection with that, and may give
 * its masqueraded port away while the pod still holds it (TIME_WAIT). Where the new timestamp is
 * lower (PAWS), the pod does not take the first packet, and the client repeats it.
 */

import { setTimeout as pause } from 'node:timers/promises';
import type { Namespace } from '../support/machines/netns.js';

const TABLE = 'passage';
/** Milliseconds between two looks at counters that still change. */
const LOOK = 20;

/** Begins to count between two links of the machine, before and behind everything else in it. */
export async function countPassage(
  node: Namespace,
  links: readonly [string, string],
): Promise<void> {
  const chains = links.flatMap((link) =>
    ['ingress', 'egress'].map(
      (hook) => `counter ${link}-${hook} { }
    chain ${link}-${hook} {
      type filter hook ${hook} device "${link}" priority 0;
      meta l4proto tcp counter name "${link}-${hook}"
    }`,
    ),
  );
  await node.run('nft', ['-f', '-'], `table netdev ${TABLE} {\n    ${chains.join('\n    ')}\n}\n`);
}

/**
 * TCP packets that came in on one link and did not go out on the other, or the reverse, since
 * counting began. Nobody may be sending: a packet that is under way counts only when it is through.
 */
export async function lostPackets(node: Namespace): Promise<number> {
  for (let last = ''; ; ) {
    const listed = await node.run('nft', ['list', 'table', 'netdev', TABLE]);
    if (listed === last) return lostIn(listed);
    last = listed;
    await pause(LOOK);
  }
}

/** The listing has the counters in the order in which they were made. */
function lostIn(listed: string): number {
  const [fromOne = 0, toOne = 0, fromOther = 0, toOther = 0] = [
    ...listed.matchAll(/\bpackets (\d+)/g),
  ].map(([, packets]) => Number(packets));
  return Math.abs(fromOne - toOther) + Math.abs(fromOther - toOne);
}

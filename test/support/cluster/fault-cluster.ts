/** A small cluster that changes in every way, for agents whose API server misbehaves. */

import { cluster, NODE, shop, slice } from '../../e2e/objects.js';
import type { ApiServer } from '../api-server/index.js';
import {
  type RunningAgent,
  type RunningAgentOptions,
  startRunningAgent,
} from '../process/running-agent.js';

/** A few changes of each sort: objects that come, go, change, and go and come again. */
export function change(server: ApiServer, round: number): void {
  server.setMany(shop(`new-${round}`, 100 + round));
  server.set(slice('s1', 'IPv4', [`10.9.${round}.1`, `10.9.${round}.2`]));
  server.set(slice('s2', 'IPv6', [`fd00:9::${round}`], [`fd00:9::${round}1`]));
  server.delete({ kind: 'Service', namespace: 'shop', name: `new-${round - 1}` });
  server.delete({ kind: 'Service', namespace: 'shop', name: 's3' });
  server.setMany(shop('s3', 4, round));
  const status = { addresses: [{ type: 'InternalIP', address: `192.0.2.${round}` }] };
  server.set({ ...NODE, status });
}

/**
 * Runs the work with an agent that is in step with its server; five Services unless others are
 * given.
 */
export async function withAgent(
  work: (agent: RunningAgent) => Promise<void>,
  options: RunningAgentOptions = {},
): Promise<void> {
  const agent = await startRunningAgent({ objects: cluster(5), ...options });
  try {
    await agent.converged();
    await work(agent);
  } catch (error) {
    // What close() has to say follows from it.
    await agent.close().catch(() => {});
    throw error;
  }
  await agent.close();
}

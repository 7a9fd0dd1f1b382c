/** Which endpoints of a Service the rules of a dump reach, of those that objects give it. */

import type { Model, ServicePort } from '../model/types.js';
import { inetNtop, joinHostPort } from '../net/ip.js';
import { isDecided, type Trace } from './trace.js';

export interface Coverage {
  /** `namespace/name:port`. */
  readonly service: string;
  /** How many endpoints the objects give it. */
  readonly endpoints: number;
  /** Those of them that no packet is sent to, as `ADDRESS:PORT`. */
  readonly unreached: readonly string[];
  /** Endpoints that packets are sent to and that the objects do not have. */
  readonly unknown: readonly string[];
}

/**
 * What of the ClusterIP of a model packets reach. `undefined` where the objects do not say which
 * endpoints each packet may be sent to: with a policy Local, affinity or hints that depends on the
 * node and on the client, and of an incomplete Service some object was left out.
 */
export function coverageOf(
  found: Trace,
  { ports }: Model,
  incomplete: ReadonlySet<string>,
): Coverage | undefined {
  const { destination, port, protocol } = found.packet;
  const asked = ports.find(
    (one) =>
      one.clusterIp === destination && one.port === port && one.protocol.toLowerCase() === protocol,
  );
  if (asked === undefined || !sendsToAll(asked) || !isDecided(found)) return undefined;
  if (incomplete.has(asked.service)) return undefined;
  const wanted = new Set(
    asked.pools.cluster.map((one) => joinHostPort(inetNtop(one.ip), one.port)),
  );
  const reached = new Set(
    found.outcomes.flatMap(({ ending, dnat }) =>
      ending.kind === 'accept' && dnat !== undefined
        ? [joinHostPort(inetNtop(dnat.ip), dnat.port || port)]
        : [],
    ),
  );
  if (wanted.size + reached.size === 0) return undefined;
  return {
    service: asked.id,
    endpoints: wanted.size,
    unreached: [...wanted].filter((endpoint) => !reached.has(endpoint)),
    unknown: [...reached].filter((endpoint) => !wanted.has(endpoint)),
  };
}

function sendsToAll({ internalPolicyLocal, affinitySeconds, pools }: ServicePort): boolean {
  return (
    !internalPolicyLocal &&
    affinitySeconds === 0 &&
    pools.topology === '' &&
    pools.reachable.every(({ zoneHints, nodeHints }) => zoneHints.length + nodeHints.length === 0)
  );
}

/** Packets to node ports on loopback addresses that no rule translates, and kube-proxy takes. */

import { servedOnLoopback } from '../model/loopback.js';
import type { Model } from '../model/types.js';
import { LOOPBACK_IP } from '../net/ip.js';
import type { Packet } from './trace.js';

/** Who listens where a packet goes. */
export interface LoopbackTaker {
  /** `namespace/name`. */
  readonly service: string;
  /** The endpoints that it connects to, one for each connection, as `ADDRESS:PORT`. */
  readonly endpoints: readonly string[];
}

/** `undefined`: kube-proxy of the model's profile does not listen there. */
export function loopbackTaker(
  { destination, port, protocol }: Packet,
  model: Model,
): LoopbackTaker | undefined {
  if (protocol !== 'tcp' || destination !== LOOPBACK_IP[model.context.family]) return undefined;
  const taken = servedOnLoopback(model).find(({ nodePort }) => nodePort === port);
  return (
    taken && { service: taken.service, endpoints: taken.endpoints.map(({ target }) => target) }
  );
}

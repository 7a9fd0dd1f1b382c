/** Node ports on loopback addresses, which no rule translates: kube-proxy listens on them. */

import { servedOnLoopback } from '../model/loopback.js';
import type { Model } from '../model/types.js';
import { LOOPBACK_IP } from '../net/ip.js';
import type { Packet } from './trace.js';

/** A socket that kube-proxy listens on for a Service. */
export interface KubeProxyListener {
  /** `namespace/name`. */
  readonly service: string;
  /** The endpoints that it connects to, one for each connection, as `ADDRESS:PORT`. */
  readonly endpoints: readonly string[];
}

/** The listener that gets a packet; `undefined`: kube-proxy of the model's profile has none. */
export function kubeProxyListener(
  { destination, port, protocol }: Packet,
  model: Model,
): KubeProxyListener | undefined {
  if (protocol !== 'tcp' || destination !== LOOPBACK_IP[model.context.family]) return undefined;
  const served = servedOnLoopback(model).find(({ nodePort }) => nodePort === port);
  return (
    served && { service: served.service, endpoints: served.endpoints.map(({ target }) => target) }
  );
}

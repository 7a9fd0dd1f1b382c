/** What is said about node ports on loopback addresses. */

import { type Diagnostic, serviceRef } from '../../diagnostics.js';
import type { LoopbackPort } from '../../model/loopback.js';
import { type Family, LOOPBACK_IP } from '../../net/ip.js';

/** A port that is to be served. */
export interface Wanted {
  readonly family: Family;
  readonly port: LoopbackPort;
}

/** A port that could not be opened, for a reason. */
export function portTaken({ family, port }: Wanted, reason: string): Diagnostic {
  return {
    code: 'loopback-port-taken',
    severity: 'warning',
    message: `node port ${port.nodePort} cannot be served on ${LOOPBACK_IP[family]}: ${reason}`,
    object: serviceRef(port.service),
    hint: 'it is tried again at each sync, and after each sync period; other addresses of the node are not concerned',
  };
}

/** Why no port more is opened. */
export function tooManyPorts(limit: number): string {
  return `as many ports are open as the limit of open files allows: ${limit}`;
}

/** A port that could not be opened before. */
export function portOpen({ family, port }: Wanted): Diagnostic {
  return {
    code: 'loopback-port-open',
    severity: 'note',
    message: `node port ${port.nodePort} is served on ${LOOPBACK_IP[family]} now`,
    object: serviceRef(port.service),
  };
}

/** A connection that was closed, as there are too many. */
export function connectionsFull(limit: number): Diagnostic {
  return {
    code: 'loopback-connections-full',
    severity: 'warning',
    message: `${limit} connections to node ports on loopback addresses are open: new ones are closed`,
    hint: 'a higher limit of open files allows more, up to 1000; rules serve the other addresses of the node without a limit',
  };
}

/** The one order of everything that reaches output, so that the same input gives the same bytes. */

import type { ServicePort } from './types.js';

/** By Service (`namespace/name`), then port name, then protocol, each in byte order. */
export function comparePorts(a: ServicePort, b: ServicePort): number {
  return (
    compareText(a.service, b.service) ||
    compareText(a.portName, b.portName) ||
    compareText(a.protocol, b.protocol)
  );
}

/**
 * Byte order, as Go sorts strings; names and addresses are ASCII, where UTF-16 order is byte order.
 */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

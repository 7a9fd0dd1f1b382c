/** The one order of everything that reaches output, so that the same input gives the same bytes. */

import type { ServicePortSpec } from '../snapshot/types.js';

/** The ports of a Service by name, then protocol, each in byte order. */
export function comparePorts(a: ServicePortSpec, b: ServicePortSpec): number {
  return (
    compareText(a.name ?? '', b.name ?? '') || compareText(a.protocol ?? 'TCP', b.protocol ?? 'TCP')
  );
}

/**
 * Byte order, as Go sorts strings; names and addresses are ASCII, where UTF-16 order is byte order.
 */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

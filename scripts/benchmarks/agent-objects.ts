/** The cluster of `scripts/bench agent` as an API server holds it. */

import type { ApiObject } from '../../test/support/api-server/index.js';
import { type Size, serviceObjects } from './cluster.js';

export const NODE_NAME = 'bench';

const NODE: ApiObject = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: NODE_NAME },
  spec: { podCIDR: '10.244.0.0/24', podCIDRs: ['10.244.0.0/24'] },
  status: { addresses: [{ type: 'InternalIP', address: '192.0.2.10' }] },
};

/** The node, and every Service with its slice. */
export function apiObjects({ services, endpoints }: Size): readonly ApiObject[] {
  return [NODE, ...Array.from({ length: services }, (_, i) => objects(i, endpoints)).flat()];
}

/** The slice of Service `i` with another address for its first endpoint. */
export function movedApiSlice(i: number, endpoints: number, address: string): ApiObject {
  const slice = objects(i, endpoints).find(({ kind }) => kind === 'EndpointSlice');
  if (slice === undefined || !Array.isArray(slice.endpoints)) throw new Error(`no slice ${i}`);
  const [first, ...others] = slice.endpoints;
  return { ...slice, endpoints: [{ ...first, addresses: [address] }, ...others] };
}

function objects(i: number, endpoints: number): readonly ApiObject[] {
  // As an API server gets them: text.
  return JSON.parse(JSON.stringify(serviceObjects(i, endpoints)));
}

/** What an API server and its controllers would add to objects as people write them. */

import type { Diagnostic } from '../../diagnostics.js';
import type { Cidr } from '../../net/cidr.js';
import type { SnapshotObjects } from '../index-objects.js';
import type { KubernetesObject } from '../types.js';

/** The objects of a snapshot, complete, and a note for each thing that was filled in. */
export interface CompletedObjects extends SnapshotObjects {
  readonly diagnostics: readonly Diagnostic[];
}

/** Completes objects. */
export function completeObjects(
  objects: readonly KubernetesObject[],
  _serviceCidrs: readonly Cidr[],
): CompletedObjects {
  return {
    services: objects.filter((object) => object.kind === 'Service'),
    slices: objects.filter((object) => object.kind === 'EndpointSlice'),
    nodes: objects.filter((object) => object.kind === 'Node'),
    serviceCidrs: objects.filter((object) => object.kind === 'ServiceCIDR'),
    diagnostics: [],
  };
}

/** Lists what an API server holds, once. */

import { ClusterError } from '../errors.js';
import { isObject } from '../input/value.js';
import type { Api, RawObject } from './api.js';
import { listAll } from './list.js';
import { type Resource, readableResources } from './resources.js';

/** kubectl's copy of the manifest: larger than most objects, and read by no rule. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const SERVICE_NAME = 'kubernetes.io/service-name';

export interface ClusterReadOptions {
  /** Services and slices of this namespace alone; of all where it is absent. */
  readonly namespace?: string;
  /** Services with these labels, and their slices, in the syntax of `kubectl -l`. */
  readonly labelSelector?: string;
  readonly signal: AbortSignal;
  readonly onNotice: (text: string) => void;
}

/**
 * Every Node, ServiceCIDR, Service and EndpointSlice, in this order, without
 * `metadata.managedFields` and kubectl's last-applied annotation. kube-proxy's selectors are not
 * applied; the compiler does that. With a label selector, the slices of the selected Services are
 * listed, because slices need not have the labels of their Service. Rejects with ClusterError at
 * the first request that fails; an API server that does not know ServiceCIDRs has none.
 */
export async function readCluster(
  api: Api,
  options: ClusterReadOptions,
): Promise<readonly RawObject[]> {
  const objects: RawObject[] = [];
  const services = new Set<string>();
  for (const resource of readableResources(options.namespace, options.labelSelector)) {
    for (const object of await read(api, resource, options)) {
      if (resource.kind === 'Service') services.add(keyOf(object, nameOf(object)));
      const foreign =
        resource.kind === 'EndpointSlice' &&
        options.labelSelector !== undefined &&
        !services.has(keyOf(object, labelOf(object)));
      if (!foreign) objects.push(object);
    }
  }
  return objects;
}

async function read(
  api: Api,
  resource: Resource,
  { signal, onNotice }: ClusterReadOptions,
): Promise<readonly RawObject[]> {
  try {
    const onListNotice = (text: string): void => onNotice(`${resource.kind}: ${text}`);
    const options = { api, resource, signal, accept: withoutHistory, onNotice: onListNotice };
    return (await listAll(options)).items;
  } catch (error) {
    if (resource.optional && error instanceof ClusterError && error.status === 404) return [];
    throw error;
  }
}

function withoutHistory(raw: RawObject): RawObject {
  if (!isObject(raw.metadata)) return raw;
  const { managedFields: _, annotations, ...metadata } = raw.metadata;
  if (!isObject(annotations)) return { ...raw, metadata };
  const { [LAST_APPLIED]: __, ...kept } = annotations;
  return {
    ...raw,
    metadata: Object.keys(kept).length === 0 ? metadata : { ...metadata, annotations: kept },
  };
}

function keyOf(object: RawObject, name: unknown): string {
  const metadata = isObject(object.metadata) ? object.metadata : {};
  return JSON.stringify([metadata.namespace, name]);
}

function nameOf(object: RawObject): unknown {
  return isObject(object.metadata) ? object.metadata.name : undefined;
}

function labelOf(object: RawObject): unknown {
  const labels = isObject(object.metadata) ? object.metadata.labels : undefined;
  return isObject(labels) ? labels[SERVICE_NAME] : undefined;
}

/** The resources of the fake API server: paths, kinds, and their bookmarks. */

import type { JsonObject } from './types.js';

export interface Resource {
  /** As in a path: `services`. */
  readonly name: string;
  /** `''` for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /**
   * What the Go type has beside metadata when it is empty: a bookmark's object, and what a client
   * must not take for one.
   */
  readonly hollow: JsonObject;
  /** Fields that a field selector may name, beside metadata.name and metadata.namespace. */
  readonly fields: readonly string[];
  /** The Warning header of every answer. */
  readonly warning?: string;
}

const NODE_INFO = {
  machineID: '',
  systemUUID: '',
  bootID: '',
  kernelVersion: '',
  osImage: '',
  containerRuntimeVersion: '',
  kubeletVersion: '',
  kubeProxyVersion: '',
  operatingSystem: '',
  architecture: '',
};

export const RESOURCES: readonly Resource[] = [
  {
    name: 'services',
    group: '',
    version: 'v1',
    kind: 'Service',
    namespaced: true,
    hollow: { spec: {}, status: { loadBalancer: {} } },
    fields: ['spec.clusterIP', 'spec.type'],
  },
  {
    name: 'endpointslices',
    group: 'discovery.k8s.io',
    version: 'v1',
    kind: 'EndpointSlice',
    namespaced: true,
    hollow: { addressType: '', endpoints: null, ports: null },
    fields: [],
  },
  {
    name: 'nodes',
    group: '',
    version: 'v1',
    kind: 'Node',
    namespaced: false,
    hollow: {
      spec: {},
      status: { daemonEndpoints: { kubeletEndpoint: { Port: 0 } }, nodeInfo: NODE_INFO },
    },
    fields: ['spec.unschedulable'],
  },
  {
    name: 'servicecidrs',
    group: 'networking.k8s.io',
    version: 'v1',
    kind: 'ServiceCIDR',
    namespaced: false,
    hollow: { spec: {}, status: {} },
    fields: [],
  },
  {
    name: 'pods',
    group: '',
    version: 'v1',
    kind: 'Pod',
    namespaced: true,
    hollow: { spec: { containers: null }, status: {} },
    fields: ['spec.nodeName', 'status.phase'],
  },
  {
    name: 'endpoints',
    group: '',
    version: 'v1',
    kind: 'Endpoints',
    namespaced: true,
    hollow: {},
    fields: [],
    warning: '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"',
  },
  {
    name: 'events',
    group: 'events.k8s.io',
    version: 'v1',
    kind: 'Event',
    namespaced: true,
    hollow: {},
    fields: [],
  },
];

/** `v1`, `discovery.k8s.io/v1`. */
export function apiVersion({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`;
}

/** The resource as errors call it: `services`, `endpointslices.discovery.k8s.io`. */
export function qualifiedName({ group, name }: Resource): string {
  return group === '' ? name : `${name}.${group}`;
}

/** The resource of a kind. Throws: a test that stores what no API server holds is wrong. */
export function resourceOfKind(kind: string): Resource {
  const found = RESOURCES.find((resource) => resource.kind === kind);
  if (found === undefined) throw new Error(`the fake API server has no kind ${kind}`);
  return found;
}

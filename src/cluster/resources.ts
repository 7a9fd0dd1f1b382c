/** The four kinds that rules are made from: their paths and selectors at an API server. */

/** One kind of objects at an API server, and the selectors for it. */
export interface Resource {
  readonly kind: 'Service' | 'EndpointSlice' | 'Node' | 'ServiceCIDR';
  readonly apiVersion: string;
  /** Path of the collection, without the prefix that a server URL may have. */
  readonly path: string;
  /** Selectors, each sent with every list and watch. */
  readonly query: Readonly<Record<string, string>>;
  /** Whether older servers and ClusterRoles may lack it; it counts as empty then. */
  readonly optional: boolean;
}

/** Whether a Service is left to another proxy. */
const OTHER_PROXY = '!service.kubernetes.io/service-proxy-name';
/** Set by controllers on slices and Endpoints, never on Services. */
const HEADLESS = '!service.kubernetes.io/headless';

const SERVICES: Resource = {
  kind: 'Service',
  apiVersion: 'v1',
  path: '/api/v1/services',
  query: {},
  optional: false,
};
const ENDPOINT_SLICES: Resource = {
  kind: 'EndpointSlice',
  apiVersion: 'discovery.k8s.io/v1',
  path: '/apis/discovery.k8s.io/v1/endpointslices',
  query: {},
  optional: false,
};
const NODES: Resource = {
  kind: 'Node',
  apiVersion: 'v1',
  path: '/api/v1/nodes',
  query: {},
  optional: false,
};
/** Known to servers from 1.33 on. */
const SERVICE_CIDRS: Resource = {
  kind: 'ServiceCIDR',
  apiVersion: 'networking.k8s.io/v1',
  path: '/apis/networking.k8s.io/v1/servicecidrs',
  query: {},
  optional: true,
};

/**
 * What an agent of one node follows, with the selectors that kube-proxy 1.36 sends. Its slices are
 * not selected by the name of a proxy: a slice that carries that label while its Service does not
 * is used. With `names` every Service and slice is followed: those that have no rules have names.
 */
export function watchedResources(nodeName: string, names = false): readonly Resource[] {
  const handled = { fieldSelector: 'spec.clusterIP!=None', labelSelector: OTHER_PROXY };
  return [
    names ? SERVICES : { ...SERVICES, query: handled },
    names ? ENDPOINT_SLICES : { ...ENDPOINT_SLICES, query: { labelSelector: HEADLESS } },
    { ...NODES, query: { fieldSelector: `metadata.name=${nodeName}` } },
    SERVICE_CIDRS,
  ];
}

/**
 * What a single read lists: everything, or the Services and slices of one namespace. The compiler
 * applies kube-proxy's selectors itself.
 */
export function readableResources(
  namespace: string | undefined,
  labelSelector: string | undefined,
): readonly Resource[] {
  const inside = (resource: Resource): Resource =>
    namespace === undefined
      ? resource
      : {
          ...resource,
          path: resource.path.replace(/(?=\/\w+$)/, `/namespaces/${encodeURIComponent(namespace)}`),
        };
  const services = inside(SERVICES);
  return [
    NODES,
    SERVICE_CIDRS,
    labelSelector === undefined ? services : { ...services, query: { labelSelector } },
    inside(ENDPOINT_SLICES),
  ];
}

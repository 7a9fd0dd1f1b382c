/** Small objects for the tests of the model: what a test does not name is as plain as can be. */

import { defaultConfig } from '../../src/config/defaults.js';
import type { HostFacts, ProxyConfig } from '../../src/config/types.js';
import { buildModel } from '../../src/model/build.js';
import type { BackendSettings, ModelSettings } from '../../src/model/settings.js';
import type { Model } from '../../src/model/types.js';
import { type Cidr, parseCidr } from '../../src/net/cidr.js';
import type { Family } from '../../src/net/ip.js';
import { indexSnapshot } from '../../src/snapshot/index-objects.js';
import type {
  EndpointSlice,
  EndpointSpec,
  KubernetesObject,
  Node,
  Service,
  Snapshot,
} from '../../src/snapshot/types.js';

/** A Service `shop/NAME` with one port 80/TCP; `spec` replaces fields. */
export function service(
  name: string,
  spec: Partial<Service['spec']> = {},
  labels: Readonly<Record<string, string>> = {},
): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop', labels },
    spec: {
      type: 'ClusterIP',
      clusterIP: '10.96.0.1',
      ports: [{ port: 80, protocol: 'TCP' }],
      ...spec,
    },
  };
}

/** The Service with these load balancer addresses. */
export function withIngress(object: Service, ...ips: readonly string[]): Service {
  return { ...object, status: { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } } };
}

/** A slice of `shop/NAME` with one unnamed port 8080/TCP; an endpoint may be just its address. */
export function slice(
  name: string,
  endpoints: readonly (string | EndpointSpec)[],
  fields: Partial<EndpointSlice> = {},
): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-1`,
      namespace: 'shop',
      labels: { 'kubernetes.io/service-name': name },
    },
    addressType: 'IPv4',
    ports: [{ port: 8080, protocol: 'TCP' }],
    endpoints: endpoints.map((one) => (typeof one === 'string' ? { addresses: [one] } : one)),
    ...fields,
  };
}

/** Node `here` with these addresses, `TYPE=ADDRESS` or an InternalIP. */
export function node(addresses: readonly string[] = [], fields: Partial<Node> = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'here' },
    status: {
      addresses: addresses.map((text) => {
        const [address = '', type = 'InternalIP'] = text.split('=').reverse();
        return { type, address };
      }),
    },
    ...fields,
  };
}

export function snapshotOf(...objects: readonly KubernetesObject[]): Snapshot {
  return indexSnapshot({
    services: objects.filter((object) => object.kind === 'Service'),
    slices: objects.filter((object) => object.kind === 'EndpointSlice'),
    nodes: objects.filter((object) => object.kind === 'Node'),
    serviceCidrs: [],
  });
}

export interface Settings {
  readonly config?: Partial<ProxyConfig>;
  readonly backend?: Partial<BackendSettings>;
  readonly nodeName?: string;
  readonly zone?: string;
  readonly host?: HostFacts;
}

/** The settings of a node `here` with kube-proxy's defaults but for what is given. */
export function settings({
  config,
  backend,
  nodeName = 'here',
  zone,
  host,
}: Settings = {}): ModelSettings {
  return {
    config: { ...defaultConfig, ...config },
    backend: {
      ...defaultConfig.iptables,
      nodePortAddresses: [],
      checksLoopback: false,
      readsServiceCidrs: true,
      ...backend,
    },
    nodeName,
    zone,
    ...(host === undefined ? {} : { host }),
  };
}

export function modelOf(
  objects: readonly KubernetesObject[],
  given: Settings = {},
  family: Family = 'IPv4',
  previous?: Model,
): Model {
  return buildModel(snapshotOf(...objects), settings(given), family, previous);
}

export function cidrs(...texts: readonly string[]): readonly Cidr[] {
  return texts.map((text) => parseCidr(text)!);
}

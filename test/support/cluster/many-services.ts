/**
 * Clusters of many Services of every kind, close together or far apart, each made from a number.
 */

import type { Family } from '../../../src/net/ip.js';
import { loadSnapshot } from '../../../src/snapshot/load.js';
import type { Snapshot } from '../../../src/snapshot/types.js';

/** Numbers of Services are below this: each may have a node port. */
export const MOST_SERVICES = 2700;

/** The cluster with the Services of these numbers. */
export function manyServices(numbers: readonly number[], family: Family): Snapshot {
  const items = numbers.flatMap((n) => objectsOf(n, family));
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  return loadSnapshot([{ name: 'many', text }]).snapshot;
}

function objectsOf(n: number, family: Family): readonly object[] {
  const name = `s${n}`;
  const protocol = n % 13 === 0 ? 'UDP' : 'TCP';
  const address = (net4: string, net6: string, host: number): string =>
    family === 'IPv4' ? `${net4}.${host >> 8}.${host & 255}` : `${net6}::${host.toString(16)}`;
  // Every other one is far from its neighbours.
  const clusterIP = address('10.96', 'fd00:10:96', n % 2 === 0 ? n : (n * 2654435761) % 65521);
  const balancer = n % 7 === 0;
  const outside = balancer || n % 3 === 0;
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: {
      type: balancer ? 'LoadBalancer' : outside ? 'NodePort' : 'ClusterIP',
      clusterIP,
      clusterIPs: [clusterIP],
      ipFamilies: [family],
      // Many ports on one address.
      ...(n % 5 === 0 && { externalIPs: [address('192.0', '2001:db8', 513)] }),
      ...(balancer && {
        loadBalancerSourceRanges: [family === 'IPv4' ? '10.0.0.0/8' : 'fd00::/8'],
      }),
      ...(outside && n % 2 === 0 && { externalTrafficPolicy: 'Local' }),
      ...(balancer && n % 2 === 0 && { healthCheckNodePort: 40000 + n }),
      ports: [{ port: 1000 + n, protocol, ...(outside && { nodePort: 30000 + n }) }],
    },
    ...(balancer && {
      status: { loadBalancer: { ingress: [{ ip: address('192.0', '2001:db8', 600 + (n % 40)) }] } },
    }),
  };
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'shop', labels: { 'kubernetes.io/service-name': name } },
    addressType: family,
    endpoints: [{ addresses: [address('10.244', 'fd00:10:244', n)], nodeName: 'n' }],
    ports: [{ port: 8080, protocol, name: '' }],
  };
  return n % 4 === 1 ? [service] : [service, slice];
}

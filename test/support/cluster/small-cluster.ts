/** A few Services whose rules are easy to list. */

import {
  type CompileOptions,
  compileSnapshot,
  loadSnapshot,
  print,
  type Ruleset,
} from '../../../src/index.js';
import { MemoryKernel } from '../kernels/memory-kernel.js';

/** Endpoints of `default/web:http`, in the order of its rules. */
export const WEB: readonly string[] = ['10.0.0.1:8080', '10.0.0.2:8080', '10.0.0.3:8080'];

/** Service web has a node port and these endpoints, db has one endpoint, lonely has none. */
export function smallCluster(web: readonly string[] = WEB, extra: readonly object[] = []): Ruleset {
  return rulesetOf([
    service('web', '10.96.0.1', { type: 'NodePort', nodePort: 30080 }),
    slice(
      'web',
      web.map((endpoint) => endpoint.replace(/:.*/, '')),
    ),
    service('db', '10.96.0.2'),
    slice('db', ['10.0.1.1']),
    service('lonely', '10.96.0.3'),
    ...extra,
  ]);
}

/** IPv4 rules of any objects. */
export function rulesetOf(objects: readonly object[], options: CompileOptions = {}): Ruleset {
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const { snapshot } = loadSnapshot([{ name: 'cluster', text }]);
  return compileSnapshot(snapshot, 'IPv4', options).ruleset;
}

interface ServiceOptions {
  readonly type?: string;
  readonly nodePort?: number;
  readonly sessionAffinity?: 'None' | 'ClientIP';
}

/** A Service in namespace default with one port `http`. */
export function service(
  name: string,
  clusterIP: string,
  { type = 'ClusterIP', nodePort = 0, sessionAffinity = 'None' }: ServiceOptions = {},
): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: {
      type,
      clusterIP,
      clusterIPs: [clusterIP],
      ipFamilies: ['IPv4'],
      sessionAffinity,
      ports: [{ name: 'http', protocol: 'TCP', port: 80, nodePort }],
    },
  };
}

/** Its endpoints, on port 8080. */
export function slice(name: string, addresses: readonly string[]): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-1`,
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': name },
    },
    addressType: 'IPv4',
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
  };
}

/** A kernel that holds the rules and nothing else. */
export function kernelWith(ruleset: Ruleset): MemoryKernel {
  const kernel = new MemoryKernel();
  const { error } = kernel.restore(print(ruleset));
  if (error !== '') throw new Error(error);
  return kernel;
}

/** A shop with one Service, whose Pods and slices are right unless a test changes the text. */

import { BACKENDS } from '../../src/backends/index.js';
import { checksOf } from '../../src/explain/all-checks.js';
import type { Check } from '../../src/explain/checks.js';
import { explainService } from '../../src/explain/service.js';
import { missingChecks } from '../../src/explain/service-checks.js';
import { buildModel } from '../../src/model/build.js';
import { type CompileOptions, modelSettings } from '../../src/pipeline.js';
import { loadSnapshot } from '../../src/snapshot/load.js';

export const NODES = `
apiVersion: v1
kind: Node
metadata: {name: node-a, labels: {topology.kubernetes.io/zone: zone-1}}
---
apiVersion: v1
kind: Node
metadata: {name: node-b, labels: {topology.kubernetes.io/zone: zone-2}}
`;

export const SERVICE = `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, uid: '1'}
spec:
  type: ClusterIP
  clusterIP: 10.96.0.5
  clusterIPs: [10.96.0.5]
  ipFamilies: [IPv4]
  selector: {app: web}
  ports: [{name: http, port: 80, protocol: TCP, targetPort: http}]
`;

export const SLICE = `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, namespace: shop, uid: '2', labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{name: http, port: 8080, protocol: TCP}]
endpoints:
- {addresses: [10.244.1.7], conditions: {ready: true}, nodeName: node-a, zone: zone-1}
- {addresses: [10.244.2.3], conditions: {ready: true}, nodeName: node-b, zone: zone-2}
`;

const pod = (name: string, ip: string, node: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, uid: ${ip}, labels: {app: web, tier: front}}
spec: {nodeName: ${node}, containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
status: {phase: Running, podIP: ${ip}, conditions: [{type: Ready, status: 'True'}]}
`;

export const PODS: readonly string[] = [
  pod('web-a', '10.244.1.7', 'node-a'),
  pod('web-b', '10.244.2.3', 'node-b'),
];

export const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
`;

export const DNS = `
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system, uid: '3', labels: {k8s-app: kube-dns}}
spec: {clusterIP: 10.96.0.10, ports: [{name: dns, port: 53, protocol: UDP}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: kube-dns-1, namespace: kube-system, uid: '4', labels: {kubernetes.io/service-name: kube-dns}}
addressType: IPv4
ports: [{name: dns, port: 53, protocol: UDP}]
endpoints: [{addresses: [10.244.1.10], conditions: {ready: true}}]
`;

export const RIGHT: readonly string[] = [NODES, SERVICE, SLICE, ...PODS, DEPLOYMENT, DNS];

/** The answers about a Service on a node; `shop/web` on node-a unless said. */
export function answers(
  documents: readonly string[],
  name = 'shop/web',
  options: CompileOptions = {},
): readonly Check[] {
  const sources = [{ name: 'input', text: documents.join('---') }];
  const loaded = loadSnapshot(sources, { workloads: true });
  const { snapshot, diagnostics } = loaded;
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  const settings = modelSettings({ nodeName: 'node-a', ...options });
  const models = [buildModel(snapshot, settings, 'IPv4'), buildModel(snapshot, settings, 'IPv6')];
  const explained = explainService(name, models, BACKENDS.iptables.behaviour);
  return explained === undefined
    ? missingChecks(name, snapshot)
    : checksOf({ explained, loaded, models });
}

/** Answers that are not ok, as `state check message`. */
export function faults(...given: Parameters<typeof answers>): readonly string[] {
  return answers(...given)
    .filter(({ state }) => state !== 'ok')
    .map(({ state, check, message }) => `${state} ${check}: ${message}`);
}

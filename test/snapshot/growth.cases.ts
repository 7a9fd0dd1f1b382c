/** Hostile objects cost time in proportion to their size, from the text to the model. */

import { frontendsOfModel } from '../../src/flows/frontends.js';
import { buildModel } from '../../src/model/build.js';
import { compileSnapshot } from '../../src/pipeline.js';
import { loadSnapshot } from '../../src/snapshot/load.js';
import { manifestNotes } from '../../src/snapshot/notes.js';
import type { EndpointSlice } from '../../src/snapshot/types.js';
import { updateSnapshot } from '../../src/snapshot/update.js';
import { settings } from '../model/support.js';
import type { GrowthCase } from '../support/operations/growth.js';
import { ip, list } from '../support/operations/items.js';
import { loadObjects, pod, service } from './support.js';

/** A slice of the Service `of` with one endpoint and one port. */
export function slice(name: string, rest: object = {}, of = 's'): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, labels: { 'kubernetes.io/service-name': of } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.244.1.7'] }],
    ports: [{ port: 8080 }],
    ...rest,
  };
}

const SPEC = { clusterIP: '10.96.0.1', ports: [{ port: 80 }] };

/** Loads objects, looks for notes and compiles them for both families. */
function compile(...objects: readonly object[]): void {
  const { snapshot, unclaimed } = loadObjects(objects);
  manifestNotes(snapshot, unclaimed);
  for (const family of ['IPv4', 'IPv6'] as const) {
    const { model } = compileSnapshot(snapshot, family, { mode: 'nftables' });
    frontendsOfModel(model);
  }
}

/** Loads objects and builds the model of IPv4, without rules. */
function compileModel(...objects: readonly object[]): void {
  buildModel(loadObjects(objects).snapshot, settings(), 'IPv4');
}

/** A Service with a field of n items. */
function wide(field: string, values: unknown, rest: object = {}): object {
  return { ...service('s', { ...SPEC, type: 'LoadBalancer', [field]: values }), ...rest };
}

function ingress(count: number): object {
  return { status: { loadBalancer: { ingress: list(count, (i) => ({ ip: ip(i) })) } } };
}

function namedPorts(count: number): readonly object[] {
  return list(count, (i) => ({ name: `p${i}`, protocol: 'UDP', port: i + 1, targetPort: `t${i}` }));
}

function manySlices(count: number): readonly object[] {
  return list(count, (i) => slice(`s-${i}`, { endpoints: [{ addresses: [ip(i)] }] }));
}

export const cases: readonly GrowthCase[] = [
  ['slices of one Service', 400, (n) => compile(service('s', SPEC), ...manySlices(n))],
  [
    'slices of one Service that change at once',
    200,
    (n) => {
      const load = (text: string): readonly EndpointSlice[] => [
        ...(loadObjects(
          list(n, (i) => slice(`s-${i}`, { endpoints: [{ addresses: [text] }] })),
        ).snapshot.slices.get('default/s') ?? []),
      ];
      const { snapshot } = loadObjects([service('s', SPEC), ...manySlices(n)]);
      updateSnapshot(snapshot, { set: load('10.9.9.9') });
    },
  ],
  ['Services with one address', 100, (n) => compile(...list(n, (i) => service(`s${i}`, SPEC)))],
  [
    'ports that two Services claim',
    400,
    (n) => {
      const ports = list(n, (i) => ({ name: `p${i}`, port: i + 1 }));
      const services = ['a', 'b'].map((name) => service(name, { ...SPEC, ports }));
      compileModel(...services);
    },
  ],
  [
    'Pods and selectors',
    100,
    (n) =>
      compile(
        ...list(n, (i) =>
          service(`s${i}`, { ...SPEC, clusterIP: '', selector: { app: 'web', id: `${i}` } }),
        ),
        ...list(n, (i) =>
          pod(`p${i}`, ip(i), { metadata: { labels: { app: 'web', id: `${i}` } } }),
        ),
      ),
  ],
  [
    'named ports of a Service and of a Pod',
    100,
    (n) => {
      const ports = list(n, (i) => ({ name: `t${i}`, containerPort: i + 1, protocol: 'UDP' }));
      compile(
        service('s', { ...SPEC, ports: namedPorts(n), selector: { app: 'web' } }),
        pod('p', '10.1.1.1', { spec: { containers: [{ ports }] } }),
      );
    },
  ],
  [
    'ports of a slice that its Service has not',
    400,
    (n) => {
      const ports = list(n, (i) => ({ name: `p${i}`, port: i + 1 }));
      const endpoints = list(n / 4, (i) => ({ addresses: [ip(i)] }));
      compile(service('s', SPEC), slice('s-1', { ports, endpoints }));
    },
  ],
  [
    'Services and ServiceCIDRs',
    100,
    (n) =>
      compile(
        ...list(n, (i) => ({
          apiVersion: 'networking.k8s.io/v1',
          kind: 'ServiceCIDR',
          metadata: { name: `c${i}` },
          spec: { cidrs: [`${ip(2 * i)}/32`] },
        })),
        ...list(n, (i) => service(`s${i}`, { ...SPEC, clusterIP: i % 2 === 0 ? '' : ip(i) })),
      ),
  ],
  [
    'Nodes',
    200,
    (n) =>
      compile(
        ...list(n, (i) => ({
          apiVersion: 'v1',
          kind: 'Node',
          metadata: { name: `n${i}`, labels: { 'topology.kubernetes.io/zone': `z${i}` } },
          spec: { podCIDRs: [`${ip(256 * i)}/24`] },
        })),
      ),
  ],
  [
    'Pod networks, taints and addresses of one Node',
    200,
    (n) =>
      compile({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: 'n1' },
        spec: {
          podCIDRs: list(n, (i) => `${ip(i)}/32`),
          taints: list(n, (i) => ({ key: `k${i}`, effect: 'NoSchedule' })),
        },
        status: { addresses: list(n, (i) => ({ type: 'InternalIP', address: ip(i) })) },
      }),
  ],
  ['external addresses', 200, (n) => compile(wide('externalIPs', list(n, ip)))],
  [
    'external addresses that are none',
    200,
    (n) =>
      compile(
        wide(
          'externalIPs',
          list(n, (i) => `x${i}`),
        ),
      ),
  ],
  [
    'external and load balancer addresses over UDP',
    200,
    (n) => {
      const ports = [{ port: 53, protocol: 'UDP' }];
      compile(wide('externalIPs', list(n, ip), ingress(n)), service('t', { ...SPEC, ports }));
    },
  ],
  ['cluster addresses', 200, (n) => compile(wide('clusterIPs', ['10.96.0.1', ...list(n, ip)]))],
  [
    'labels, annotations and selectors',
    200,
    (n) => {
      const labels = Object.fromEntries(list(n, (i) => [`k${i}`, `v${i}`]));
      const metadata = { labels, annotations: labels };
      compile(service('s', { ...SPEC, selector: labels }, metadata), slice('s-1'));
    },
  ],
  ['ports of one Service', 100, (n) => compile(service('s', { ...SPEC, ports: namedPorts(n) }))],
  [
    'hints of stored endpoints',
    200,
    (n) => {
      const hints = { forZones: list(n, (i) => ({ name: `z${i}` })) };
      compile(service('s', SPEC), {
        ...slice('s-1', { endpoints: [{ addresses: ['10.1.1.1'], hints }] }),
        metadata: { name: 's-1', uid: 'x', labels: { 'kubernetes.io/service-name': 's' } },
      });
    },
  ],
  [
    // A slice has 1,000 endpoints at most: with more it is left out as a whole.
    'slices of bad endpoints',
    4,
    (n) => {
      const endpoints = list(1000, (i) => ({ addresses: [`127.0.${i >> 8}.${i & 255}`] }));
      compile(service('s', SPEC), ...list(n, (i) => slice(`s-${i}`, { endpoints })));
    },
  ],
  [
    'long texts in every place',
    2000,
    (n) => {
      const text = 'a'.repeat(n);
      const colons = ':'.repeat(n);
      compile(
        service('s', { ...SPEC, externalIPs: [text, colons, `${'0'.repeat(n)}.1.1.1`] }),
        service('t', { ...SPEC, clusterIP: colons, selector: { [text]: text } }),
        service(text, SPEC),
        service('u', { ...SPEC, ports: [{ port: 80, name: text, targetPort: text }] }),
        service('v', { type: 'ExternalName', externalName: `${'a.'.repeat(n)}` }),
        service('w', SPEC, { annotations: { [`${text}/b`]: text }, labels: { a: text } }),
        slice('s-1', { endpoints: [{ addresses: [colons], nodeName: text, hostname: text }] }),
      );
    },
  ],
  [
    'nested lists in a field that nobody reads',
    100,
    (n) => {
      const text = JSON.stringify(service('s', { ...SPEC, x: 0 }));
      loadSnapshot([
        { name: 'f', text: text.replace('"x":0', `"x":${'['.repeat(n)}${']'.repeat(n)}`) },
      ]);
    },
  ],
];

/** Hostile objects cost lint time in proportion to their size. */

import { socketsIn } from '../../src/host/preflight-facts.js';
import { loadSuppressions } from '../../src/lint/suppression-file.js';
import { suppress } from '../../src/lint/suppressions.js';
import { parseCidr } from '../../src/net/cidr.js';
import { service } from '../snapshot/support.js';
import type { GrowthCase } from '../support/operations/growth.js';
import { ip, list } from '../support/operations/items.js';
import { lintObjects } from './support.js';

const ONE = { clusterIP: '10.96.0.1', ports: [{ port: 80 }] };

function slice(name: string, addresses: readonly string[]): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, uid: name, labels: { 'kubernetes.io/service-name': 's' } },
    addressType: 'IPv4',
    endpoints: addresses.map((address) => ({ addresses: [address] })),
    ports: [{ port: 8080 }],
  };
}

function node(name: string, addresses: readonly string[]): object {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    spec: { podCIDRs: [`${addresses[0]}/32`] },
    status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
  };
}

const ALLOWED = list(100, (i) => `192.0.2.${i}/32`).flatMap((text) => parseCidr(text) ?? []);

/** A connection as a line of /proc/net/tcp. */
const SOCKET =
  '   0: 0A00A8C0:0016 00000000:0000 01 00000000:00000000 00:00000000 00000000     0        0 505 1 0 100 0 0 10 0\n';

export const cases: readonly GrowthCase[] = [
  ['sockets of the machine', 500, (n) => socketsIn(SOCKET.repeat(n), 'TCP')],
  [
    'findings that a suppression names each',
    500,
    (n) => {
      const names = list(n, (i) => `s${i}`);
      const entries = names.map(
        (name) => `- {code: second-address, object: Service d/${name}, reason: r}\n`,
      );
      const text = `suppressions:\n${entries.join('')}`;
      const { suppressions } = loadSuppressions(text, 's.yaml', ['second-address']);
      const findings = names.map((name) => ({
        ...{ code: 'second-address', severity: 'warning' as const, message: 'm' },
        object: { kind: 'Service', namespace: 'd', name },
      }));
      suppress(findings, suppressions, '2026-11-20');
    },
  ],
  [
    'external IPs of one Service that are addresses of nodes',
    200,
    (n) =>
      lintObjects([
        service('s', { ...ONE, externalIPs: list(n, ip) }),
        ...list(n, (i) => node(`n${i}`, [ip(i)])),
      ]),
  ],
  [
    'Services with external IPs that are cluster IPs of others',
    200,
    (n) =>
      lintObjects(
        list(n, (i) =>
          service(`s${i}`, { ...ONE, clusterIP: ip(i), externalIPs: [ip((i + 1) % n)] }),
        ),
        { allowedExternalIps: ALLOWED },
      ),
  ],
  [
    'endpoints at special addresses, at nodes and at Services',
    200,
    (n) =>
      lintObjects([
        service('s', ONE),
        ...list(n, (i) => service(`t${i}`, { ...ONE, clusterIP: ip(i) })),
        ...list(4, (k) =>
          node(
            `n${k}`,
            list(n, (i) => ip(i + n)),
          ),
        ),
        ...list(4, (k) =>
          slice(
            `s-${k}`,
            list(n / 4, (i) => `127.0.${i >> 8}.${i & 255}`),
          ),
        ),
        ...list(8, (k) =>
          slice(
            `t-${k}`,
            list(n / 4, (i) => ip((i + k * n) / 4)),
          ),
        ),
      ]),
  ],
  [
    'networks of Services and of Pods, and node ports',
    100,
    (n) =>
      lintObjects([
        ...list(n, (i) => ({
          apiVersion: 'networking.k8s.io/v1',
          kind: 'ServiceCIDR',
          metadata: { name: `c${i}` },
          spec: { cidrs: [`${ip(256 * i)}/24`] },
        })),
        ...list(n, (i) => node(`n${i}`, [ip(256 * i + 7)])),
        ...list(n, (i) =>
          service(`s${i}`, {
            ...ONE,
            type: 'LoadBalancer',
            externalTrafficPolicy: 'Local',
            healthCheckNodePort: 30_000,
            ports: [{ port: 80, nodePort: 31_000 + i }],
          }),
        ),
      ]),
  ],
  [
    'endpoints with hints, and annotations',
    400,
    (n) => {
      const annotations = Object.fromEntries(list(n, (i) => [`a/proxy-protocol-${i}`, 'true']));
      const spec = { ...ONE, type: 'LoadBalancer', sessionAffinity: 'ClientIP' };
      const endpoints = list(n / 2, (i) => ({
        addresses: [ip(i)],
        hints: { forZones: i === 0 ? [] : [{ name: 'a' }] },
      }));
      lintObjects([
        {
          ...service('s', spec, { annotations, uid: 's' }),
          status: { loadBalancer: { ingress: list(n, (i) => ({ ip: ip(i) })) } },
        },
        ...list(2, (k) => ({ ...slice(`s-${k}`, []), endpoints })),
      ]);
    },
  ],
];

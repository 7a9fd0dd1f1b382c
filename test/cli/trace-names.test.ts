/**
 * `vipc trace` by name: Pods, headless and ExternalName Services, nearest names, and the address of
 * each.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Ran, runIn } from '../support/process/run-in.js';

const OBJECTS = `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: 10.96.0.7, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: peers, namespace: shop}
spec: {clusterIP: None, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: away, namespace: shop}
spec: {type: ExternalName, externalName: db.example.com}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{name: http, port: 8080, protocol: TCP}]
endpoints: [{addresses: [10.244.1.7], targetRef: {kind: Pod, name: web-a}}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: peers-1, namespace: shop, labels: {kubernetes.io/service-name: peers}}
addressType: IPv4
ports: [{name: http, port: 8080, protocol: TCP}]
endpoints:
- {addresses: [10.244.1.8], conditions: {ready: false}}
- {addresses: [10.244.1.9], conditions: {ready: true}}
- {addresses: [10.244.1.10], hostname: peers-1}
---
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: shop}
status: {podIP: 10.244.2.5, podIPs: [{ip: 10.244.2.5}]}
`;

const DUAL = `
apiVersion: v1
kind: Service
metadata: {name: both, namespace: shop}
spec:
  clusterIP: 10.96.0.9
  clusterIPs: [10.96.0.9, "fd00:10:96::9"]
  ipFamilies: [IPv4, IPv6]
  ipFamilyPolicy: RequireDualStack
  ports: [{name: http, port: 80}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: both-6, namespace: shop, labels: {kubernetes.io/service-name: both}}
addressType: IPv6
ports: [{name: http, port: 8080, protocol: TCP}]
endpoints: [{addresses: ["fd00:10:244::7"]}]
`;

describe('cli/trace by name', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'vipc-names-'));
    writeFileSync(join(folder, 'objects.yaml'), OBJECTS);
  });
  after(() => rmSync(folder, { recursive: true }));

  const trace = (from: string, to: string): Promise<Ran> =>
    runIn(['trace', '-f', join(folder, 'objects.yaml'), '--from', from, '--to', to]);

  for (const [from, to, lines] of [
    [
      'pod:shop/client',
      'svc/shop/web:http',
      [
        'tcp 10.244.2.5 -> 10.96.0.7:80, arriving  (compiled for mode iptables)',
        '  pod:shop/client is 10.244.2.5',
        '  svc/shop/web:http is 10.96.0.7:80',
      ],
    ],
    [
      'pod:shop/web-a',
      'web.shop.svc.cluster.local:80',
      [
        'tcp 10.244.1.7 -> 10.96.0.7:80, arriving  (compiled for mode iptables)',
        '  pod:shop/web-a is 10.244.1.7',
        '  web.shop.svc.cluster.local:80 is 10.96.0.7:80',
      ],
    ],
    [
      '10.244.9.9',
      'pod:shop/client:9000/udp',
      [
        'udp 10.244.9.9 -> 10.244.2.5:9000, arriving  (compiled for mode iptables)',
        '  pod:shop/client:9000 is 10.244.2.5:9000',
        '',
      ],
    ],
    [
      'outside',
      'peers.shop:http',
      [
        'tcp 192.0.2.1 -> 10.244.1.9:8080, arriving  (compiled for mode iptables)',
        '  outside is 192.0.2.1',
        '  peers.shop:http is 10.244.1.9:8080',
      ],
    ],
    [
      'outside',
      'peers-1.peers.shop.svc:http',
      [
        'tcp 192.0.2.1 -> 10.244.1.10:8080, arriving  (compiled for mode iptables)',
        '  outside is 192.0.2.1',
        '  peers-1.peers.shop.svc:http is 10.244.1.10:8080',
      ],
    ],
    [
      'outside',
      'peers-1.peers.shop.svc.cluster.local:5432',
      [
        'tcp 192.0.2.1 -> 10.244.1.10:5432, arriving  (compiled for mode iptables)',
        '  outside is 192.0.2.1',
        '  peers-1.peers.shop.svc.cluster.local:5432 is 10.244.1.10:5432',
      ],
    ],
    [
      'outside',
      '10-244-1-9.peers.shop.svc:http',
      [
        'tcp 192.0.2.1 -> 10.244.1.9:8080, arriving  (compiled for mode iptables)',
        '  outside is 192.0.2.1',
        '  10-244-1-9.peers.shop.svc:http is 10.244.1.9:8080',
      ],
    ],
    [
      '10.244.9.9',
      '10.96.0.7:80',
      ['tcp 10.244.9.9 -> 10.96.0.7:80, arriving  (compiled for mode iptables)', ''],
    ],
  ] satisfies [string, string, string[]][])
    it(`says what ${from} and ${to} are`, async () => {
      const { out } = await trace(from, to);
      expect(out.split('\n').slice(0, lines.length)).to.deep.equal(lines);
    });

  it('takes the address of the family that the dump has', async () => {
    const [objects, rules] = [join(folder, 'dual.yaml'), join(folder, 'rules')];
    writeFileSync(objects, DUAL);
    const { out } = await runIn(['compile', '-f', objects, '--family', 'ipv6']);
    writeFileSync(rules, out);
    const words = ['--from', 'outside', '--to', 'svc/shop/both:http'];
    const { code, out: found } = await runIn(['trace', '-f', objects, '--rules', rules, ...words]);
    expect(code).to.equal(0);
    expect(found).to.include('  svc/shop/both:http is [fd00:10:96::9]:80\n');
    expect(found).to.match(/^100% {2}to \[fd00:10:244::7\]:8080, /m);
  });

  for (const [from, to, message, hint] of [
    [
      'pod:shop/clinet',
      'svc/shop/web:80',
      '--from: no Pod shop/clinet with an address in the input',
      'did you mean pod:shop/client?',
    ],
    [
      '10.0.0.9',
      'svc/shop/wbe:80',
      '--to: no Service shop/wbe with a ClusterIP in the input',
      'did you mean svc/shop/web?',
    ],
    [
      '10.0.0.9',
      'away.shop:80',
      '--to: Service shop/away is of type ExternalName: DNS answers with a name, and no rule is about it',
      'give the address that the name has, with --to ADDRESS:PORT',
    ],
    [
      '10.0.0.9',
      'peers.shop:https',
      '--to: Service shop/peers has no ClusterIP, and no ready endpoint with port https',
      'vipc explain shop/peers says why',
    ],
    [
      '10.0.0.9',
      'peers-2.peers.shop.svc:http',
      '--to: Service shop/peers has no ready endpoint with hostname peers-2 and port http',
      'vipc explain shop/peers says why',
    ],
    [
      '10.0.0.9',
      'peers-1.pears.shop.svc:http',
      '--to: no Service shop/pears with a ClusterIP in the input',
      'did you mean svc/shop/peers?',
    ],
    ...[
      ['shop/web:80', 'svc/shop/web:80'],
      ['localhost:30080', '127.0.0.1:30080'],
      ['localhost', '127.0.0.1:80'],
      ['web:http/tcp', 'svc/web:http/tcp'],
      ['svc/shop/web', 'svc/shop/web:80'],
      ['shop/web', 'svc/shop/web:80'],
      ['web.shop.svc', 'web.shop.svc:80'],
      ['10.96.0.7', '10.96.0.7:80'],
      ['fd00::1', '[fd00::1]:80'],
    ].map(
      ([to = '', meant]) =>
        ['10.0.0.9', to, `--to: "${to}" is not a destination`, `did you mean ${meant}?`] as const,
    ),
    [
      'pod:shop/client',
      '[fd00::1]:80',
      '--from: Pod shop/client has no IPv6 address',
      'it has 10.244.2.5',
    ],
  ] as const)
    it(`refuses ${from} to ${to}`, async () => {
      const { code, err } = await trace(from, to);
      expect([code, ...err.split('\n').slice(0, 2)]).to.deep.equal([
        64,
        `error: ${message}`,
        `  hint: ${hint}`,
      ]);
    });
});

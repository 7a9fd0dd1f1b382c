/** What the tests of `vipc diff` compare with recorded rules. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

export const CASE = 'fixtures/conformance/268-kitchen-sink';
export const OBJECTS: readonly string[] = [
  '-f',
  `${CASE}/snapshot.yaml`,
  '--config',
  `${CASE}/config.yaml`,
];
export const DESIRED: readonly string[] = ['diff', ...OBJECTS, '--host', `${CASE}/host.yaml`];
export const DUMPS = 'fixtures/dumps/iptables-1.8.9';
export const DUMP: string = `${DUMPS}/nft.268-kitchen-sink.v4.save`;

export const SHOP = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: 10.96.77.7, ports: [{name: http, port: 80, targetPort: 8080, protocol: TCP}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
endpoints: [{addresses: [10.244.9.9], conditions: {ready: true}}]
ports: [{name: http, port: 8080, protocol: TCP}]
`;

/** A copy of the recorded dump with one change, in a file of a folder. */
export function changedDump(
  folder: string,
  change: (text: string) => string,
  name = 'node.v4.save',
): string {
  const before = readFileSync(DUMP, 'latin1');
  const after = change(before);
  expect(after).to.not.equal(before);
  const path = join(folder, name);
  writeFileSync(path, after, 'latin1');
  return path;
}

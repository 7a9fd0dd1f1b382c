/** Hostile texts cost time in proportion to their length. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTests } from '../../src/behaviour/test-file.js';
import { chooseContext, readKubeconfig } from '../../src/cluster/kubeconfig.js';
import { loadHostFacts } from '../../src/config/host-facts.js';
import { loadConfig } from '../../src/config/load.js';
import { withHostsBlock } from '../../src/dns/hosts-block.js';
import { loadSuppressions } from '../../src/lint/suppression-file.js';
import { compileSnapshot } from '../../src/pipeline.js';
import { loadSnapshot } from '../../src/snapshot/load.js';
import { locate } from '../../src/snapshot/locate.js';
import type { GrowthCase } from '../support/operations/growth.js';
import { list } from '../support/operations/items.js';

/** Loads a text and finds the places of what is wrong in it. */
function load(text: string): void {
  const sources = [{ name: 'f', text }];
  const loaded = loadSnapshot(sources);
  locate(loaded.diagnostics, loaded, sources);
}

function unknownFields(count: number): Readonly<Record<string, number>> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`selectr${i}`, i]));
}

function service(spec: object): object {
  const metadata = { name: 'a' };
  return { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 1 }], ...spec } };
}

function compileRanges(text: (i: number) => string, count: number): void {
  const loadBalancerSourceRanges = Array.from({ length: count }, (_, i) => text(i));
  const balancer = {
    ...service({ type: 'LoadBalancer', clusterIP: '10.0.0.1', loadBalancerSourceRanges }),
    status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } },
  };
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 's', labels: { 'kubernetes.io/service-name': 'a' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.1.1.1'] }],
    ports: [{ port: 80 }],
  };
  const items = [balancer, slice];
  const { snapshot } = loadSnapshot([
    { name: 'f', text: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) },
  ]);
  for (const mode of ['iptables', 'nftables'] as const) compileSnapshot(snapshot, 'IPv4', { mode });
}

/** For what ends with an error. */
function refused(read: () => unknown): void {
  try {
    read();
  } catch {}
}

const CONFIG = { apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration' };
/** With counts whose time can be measured. */
export const texts: readonly GrowthCase[] = [
  ['JSON that is opened and never closed', 8000, (n) => load('{"a":[\n'.repeat(n))],
  ['JSON of broken lines', 8000, (n) => load('{"a": }\n'.repeat(n))],
  ['JSON of strings that never end', 8000, (n) => load('{"a\n'.repeat(n))],
  ['JSON of backslashes', 100_000, (n) => load(`{"a":"${'\\'.repeat(n)}"`)],
  ['JSON of stray words', 8000, (n) => load(`{"a":1}${' x'.repeat(n)}`)],
  ['brackets in a broken text', 20_000, (n) => load(`{"a" ${'['.repeat(n)}${']'.repeat(n)}`)],
  ['unknown fields of a Service', 20_000, (n) => load(JSON.stringify(service(unknownFields(n))))],
  [
    'unknown fields of a configuration',
    10_000,
    (n) => loadConfig(JSON.stringify({ ...CONFIG, ...unknownFields(n) }), 'c'),
  ],
  ['keys that are given again', 10_000, (n) => load(`a: 1\n${'b: 1\n'.repeat(n)}`)],
  [
    'keys of which the last is given again',
    10_000,
    (n) => load(`${list(n, (i) => `k${i}: 1\n`).join('')}k${n - 1}: 2\n`),
  ],
  [
    'keys of JSON of which the last is given again',
    10_000,
    (n) => load(`{${list(n, (i) => `"k${i}":1,`).join('')}"k${n - 1}":2}`),
  ],
  ['keys of JSON that are given again', 10_000, (n) => load(`{${'"a":1,'.repeat(n)}"a":1}`)],
  ['JSON that is nested deeply', 10_000, (n) => load(`${'{"a":'.repeat(n)}1${'}'.repeat(n)}`)],
  ['broken YAML documents', 1000, (n) => load('a: [\n---\n'.repeat(n))],
  [
    'comments, a directive and dashes',
    1000,
    (n) => load(`${'# c\n'.repeat(n)}%YAML 1.2\n${'---\n'.repeat(n)}`),
  ],
  ['a broken document that may be a template', 8000, (n) => load(`${'a\n'.repeat(n)}- [`)],
  ['source ranges', 10_000, (n) => compileRanges((i) => `10.${i >> 8}.${i & 255}.0/24`, n)],
  ['source ranges that are none', 2000, (n) => compileRanges((i) => `junk-${i}`, n)],
  [
    'a configuration of many entries',
    4000,
    (n) =>
      loadConfig(
        JSON.stringify({
          ...CONFIG,
          nodePortAddresses: list(n, (i) => `10.${i >> 8}.${i & 255}.0/24`),
          featureGates: Object.fromEntries(list(n, (i) => [`Gate${i}`, true])),
        }),
        'c',
      ),
  ],
  [
    'a ConfigMap of many keys',
    4000,
    (n) => {
      const data = Object.fromEntries(list(n, (i) => [`k${i}`, 'a: 1']));
      const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data };
      refused(() => loadConfig(JSON.stringify(map), 'c'));
    },
  ],
  [
    'facts of a machine with many interfaces',
    4000,
    (n) =>
      loadHostFacts(
        JSON.stringify({
          nodeName: 'n',
          interfaces: list(n, (i) => ({
            name: `e${i}`,
            addresses: [`10.0.${i >> 8}.${i & 255}/8`],
          })),
        }),
        'h',
      ),
  ],
  [
    'suppressions',
    2000,
    (n) =>
      loadSuppressions(
        JSON.stringify({
          externalIPs: list(n, (i) => `10.0.${i >> 8}.${i & 255}`),
          suppressions: list(n, (i) => ({ code: 'a', object: `n${i}`, reason: 'r' })),
        }),
        's',
        ['a'],
      ),
  ],
  [
    'tests of many packets',
    1000,
    (n) =>
      readTests({
        name: 't',
        text: `apiVersion: vipc/v1\nkind: Test\npackets:\n${'- {from: 10.0.0.1, to: "10.96.0.1:80", expect: dropped}\n'.repeat(n)}`,
      }),
  ],
  [
    'a hosts file',
    4000,
    (n) => {
      const lines = list(n, (i) => `10.0.0.1 s${i}.d.svc.cluster.local`);
      const services = new Set(list(n, (i) => `d/s${i}`));
      withHostsBlock(`# x\n${withHostsBlock('', lines)}${'# y\n'.repeat(n)}`, lines, {
        services,
        known: new Map(),
      });
    },
  ],
];

/** Reads a kubeconfig with so many entries that has not the context that is asked for. */
async function readContexts(count: number): Promise<void> {
  const named = (rest: object): readonly object[] =>
    list(count, (i) => ({ name: `c${i}`, ...rest }));
  const text = JSON.stringify({
    clusters: named({ cluster: { server: 'https://a' } }),
    users: named({ user: { token: 't' } }),
    contexts: named({ context: { cluster: 'c1', user: 'c1' } }),
    'current-context': 'none',
  });
  const folder = await mkdtemp(join(tmpdir(), 'vipc-growth-'));
  try {
    await writeFile(join(folder, 'config'), text);
    const config = await readKubeconfig([join(folder, 'config')]);
    refused(() => chooseContext(config, {}));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** With counts that show in what is done. */
export const cases: readonly GrowthCase[] = [
  ...texts.map(
    ([name, count, run]): GrowthCase => [name, Math.max(100, Math.ceil(count / 40)), run],
  ),
  ['a kubeconfig of many contexts', 100, readContexts],
];

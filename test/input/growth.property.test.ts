/** Hostile texts cost time in proportion to their length. */

import { expect } from 'chai';
import { loadConfig } from '../../src/config/load.js';
import { compileSnapshot } from '../../src/pipeline.js';
import { loadSnapshot } from '../../src/snapshot/load.js';
import { locate } from '../../src/snapshot/locate.js';
import { growth, LINEAR } from '../support/growth.js';

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

describe('input: growth', () => {
  const config = { apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration' };
  const cases: readonly (readonly [string, number, (count: number) => void])[] = [
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
      (n) => loadConfig(JSON.stringify({ ...config, ...unknownFields(n) }), 'c'),
    ],
    ['keys that are given again', 10_000, (n) => load(`a: 1\n${'b: 1\n'.repeat(n)}`)],
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
  ];
  for (const [what, count, run] of cases) {
    it(`is linear in ${what}`, () => {
      expect(growth(run, count)).to.be.at.most(LINEAR);
    });
  }
});

/** Sources become a snapshot: Lists, kinds, duplicates, and everything that was recorded. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { readSource } from '../../src/input/documents.js';
import { loadInSteps, loadSnapshot } from '../../src/snapshot/load.js';
import { codes, loadObjects, loadText, pod, service } from './support.js';

const fixture = (path: string): { name: string; text: string } => ({
  name: path,
  text: readFileSync(new URL(`../../fixtures/${path}`, import.meta.url), 'utf8'),
});

const STORED = { clusterIP: '10.0.0.1', ports: [{ port: 80 }] };

describe('snapshot/load', () => {
  it('takes a step for each object, and does not read again what was read', () => {
    const text = JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'List' },
      items: Array.from({ length: 50 }, (_, i) => service(`s${i}`, STORED)),
    });
    const read = readSource({ name: 'f', text });
    const loading = loadInSteps([{ name: 'f', text: 'not read', read }]);
    let steps = 0;
    let step = loading.next();
    for (; step.done !== true; step = loading.next()) steps++;
    expect(steps).to.be.greaterThan(50);
    expect(step.value).to.deep.equal(loadSnapshot([{ name: 'f', text }]));
  });

  it('opens Lists, typed lists and Lists in Lists', () => {
    const bare = { metadata: { name: 'typed' }, spec: STORED };
    const { snapshot, diagnostics } = loadObjects([
      service('a', STORED),
      {
        apiVersion: 'v1',
        kind: 'List',
        items: [service('b', STORED), { apiVersion: 'v1', kind: 'List', items: null }],
      },
      { apiVersion: 'v1', kind: 'ServiceList', metadata: {}, items: [bare] },
    ]);
    expect(diagnostics).to.deep.equal([]);
    expect([...snapshot.services.keys()]).to.deep.equal([
      'default/a',
      'default/b',
      'default/typed',
    ]);
    expect(snapshot.services.get('default/typed')).to.include({
      apiVersion: 'v1',
      kind: 'Service',
    });
  });

  it('opens a List in itself once, and a List of Lists of aliases', () => {
    const inItself = loadText('&a\napiVersion: v1\nkind: List\nitems: [*a]\n');
    expect(codes(inItself.diagnostics)).to.deep.equal(['nested-list']);
    const levels = Array.from(
      { length: 12 },
      (_, i) =>
        `l${i + 1}: &l${i + 1} {apiVersion: v1, kind: List, items: [${Array(10).fill(`*l${i}`).join(', ')}]}`,
    );
    const bomb = `l0: &l0 {apiVersion: v1, kind: List, items: []}\n${levels.join('\n')}\napiVersion: v1\nkind: List\nitems: [*l12]\n`;
    expect(loadText(bomb).diagnostics.every(({ code }) => code === 'nested-list')).to.equal(true);
  });

  it('refuses Lists that are nested without end', () => {
    let text = '[]';
    for (let i = 0; i < 5000; i++) text = `[{"apiVersion":"v1","kind":"List","items":${text}}]`;
    const { diagnostics } = loadText(text.slice(1, -1));
    expect(codes(diagnostics)).to.deep.equal(['nested-list']);
  });

  it('counts kinds that are not read', () => {
    const other = (apiVersion: string, kind: string): object => ({
      apiVersion,
      kind,
      metadata: { name: 'x' },
    });
    const { snapshot, diagnostics } = loadObjects([
      other('apps/v1', 'Deployment'),
      other('apps/v1', 'Deployment'),
      other('v1', 'Secret'),
      other('v1', 'Namespace'),
      other('v1', 'ServiceAccount'),
      other('v1', 'ConfigMap'),
      other('v1', 'Event'),
      other('networking.k8s.io/v1', 'Ingress'),
      other('networking.k8s.io/v1', 'IPAddress'),
      other('serving.knative.dev/v1', 'Service'),
    ]);
    expect(diagnostics).to.deep.equal([]);
    expect(snapshot.skippedKinds.get('apps/v1 Deployment')).to.equal(2);
    expect([...snapshot.skippedKinds.keys()]).to.have.length(9);
    expect(snapshot.services.size).to.equal(0);
  });

  it('names the version to use, and the kind that was meant', () => {
    const { diagnostics } = loadObjects([
      { apiVersion: 'discovery.k8s.io/v1beta1', kind: 'EndpointSlice', metadata: { name: 'x' } },
      { apiVersion: 'v1', kind: 'Servce', metadata: { name: 'x' } },
      { apiVersion: 'v1', kind: 'endpoints', metadata: { name: 'x' } },
      {
        apiVersion: 'networking.k8s.io/v1beta1',
        kind: 'ServiceCIDR',
        metadata: { name: 'x' },
        spec: { cidrs: ['10.96.0.0/16'] },
      },
    ]);
    expect(diagnostics.map(({ severity, hint }) => `${severity}: ${hint}`)).to.deep.equal([
      'error: use discovery.k8s.io/v1, which every supported API server serves',
      'error: did you mean Service?',
      'error: did you mean Endpoints?',
    ]);
  });

  it('reports what is not an object', () => {
    const { diagnostics } = loadText(
      'hello\n---\n- 1\n---\n{kind: Service}\n---\n{apiVersion: v1}\n---\n42\n',
    );
    expect(diagnostics.map(({ message }) => message)).to.deep.equal([
      'Value left out: "hello" is not a Kubernetes object',
      'Value left out: [1] is not a Kubernetes object',
      'Object without apiVersion left out: {"kind":"Service"}',
      'Object without kind left out: {"apiVersion":"v1"}',
      'Value left out: 42 is not a Kubernetes object',
    ]);
  });

  it('keeps good objects beside a bad one', () => {
    const { snapshot, diagnostics } = loadObjects([
      service('a', STORED),
      service('bad', { ports: [{ port: 0 }] }),
      null as unknown as object,
      service('b', STORED),
    ]);
    expect([...snapshot.services.keys()]).to.deep.equal(['default/a', 'default/b']);
    expect(codes(diagnostics)).to.deep.equal([
      'invalid-object spec.ports[0].port',
      'not-an-object',
    ]);
  });

  it('keeps the last of two objects with one name', () => {
    const { snapshot, diagnostics } = loadObjects([
      service('a', STORED),
      service('a', { ...STORED, clusterIP: '10.0.0.2' }, { namespace: 'default' }),
      service('a', STORED, { namespace: 'other' }),
    ]);
    expect(codes(diagnostics)).to.deep.equal(['duplicate-object']);
    expect(snapshot.services.get('default/a')?.spec.clusterIP).to.equal('10.0.0.2');
    expect(snapshot.services.size).to.equal(2);
  });

  it('orders the slices of a Service by name', () => {
    const slice = (name: string, service: string): object => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, labels: service === '' ? {} : { 'kubernetes.io/service-name': service } },
      addressType: 'IPv4',
    });
    const { snapshot } = loadObjects([
      slice('c', 'web'),
      slice('a', 'web'),
      slice('b', 'other'),
      slice('d', ''),
    ]);
    expect(
      [...snapshot.slices].map(([key, slices]) => [
        key,
        slices.map(({ metadata }) => metadata.name),
      ]),
    ).to.deep.equal([
      ['default/web', ['a', 'c']],
      ['default/other', ['b']],
    ]);
  });

  for (const file of ['get-all.yaml', 'get-all.json', 'get-all.managed-fields.yaml']) {
    it(`reads what kubectl printed: ${file}`, () => {
      const { snapshot, diagnostics } = loadSnapshot([fixture(`kubectl/${file}`)]);
      expect(diagnostics).to.deep.equal([]);
      expect([
        snapshot.services.size,
        snapshot.slices.size,
        snapshot.nodes.size,
        snapshot.serviceCidrs.length,
      ]).to.deep.equal([11, 10, 3, 1]);
      expect(JSON.stringify([...snapshot.services.values()])).not.to.include('managedFields');
    });
  }

  it('reads the same from YAML, JSON and with managedFields', () => {
    const [yaml, json, managed] = [
      'get-all.yaml',
      'get-all.json',
      'get-all.managed-fields.yaml',
    ].map((file) => loadSnapshot([fixture(`kubectl/${file}`)]).snapshot);
    expect(json).to.deep.equal(yaml);
    expect(managed).to.deep.equal(yaml);
  });

  it('works on the tutorial as it is', () => {
    const { snapshot, diagnostics } = loadSnapshot([
      fixture('tutorial/demo.yaml'),
      fixture('tutorial/pods.yaml'),
    ]);
    expect(codes(diagnostics)).to.deep.equal([
      'assumed-service-cidr',
      'assigned-cluster-ip spec.clusterIP',
      'slices-from-pods',
    ]);
    expect(snapshot.skippedKinds).to.deep.equal(new Map([['apps/v1 Deployment', 1]]));
    expect(snapshot.services.get('default/demo')?.spec.type).to.equal('ClusterIP');
    expect(snapshot.slices.get('default/demo')).to.have.length(1);
    const [slice] = snapshot.slices.get('default/demo') ?? [];
    expect(slice?.ports).to.deep.equal([{ name: '', protocol: 'TCP', port: 8080 }]);
    expect(
      slice?.endpoints.map(({ addresses, conditions }) => [addresses[0], conditions?.ready]),
    ).to.deep.equal([
      ['10.244.1.7', true],
      ['10.244.2.3', true],
      ['10.244.2.4', false],
    ]);
  });

  it('reports what is wrong with the misspelled one', () => {
    const { snapshot, diagnostics } = loadSnapshot([fixture('tutorial/misspelled.yaml')]);
    expect(snapshot.services.size).to.equal(0);
    expect(diagnostics).to.deep.equal([
      {
        code: 'invalid-object',
        severity: 'error',
        message:
          'Service default/backend left out: spec.type: "Cluste": must be one of ClusterIP, NodePort, LoadBalancer, ExternalName',
        object: { kind: 'Service', namespace: 'default', name: 'backend' },
        field: 'spec.type',
        value: '"Cluste"',
        hint: 'did you mean ClusterIP?',
      },
    ]);
  });

  it('does not depend on the order of objects', () => {
    const objects = [
      service('a', { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80 }] }),
      service('b', { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80 }] }),
      pod('p1', '10.1.0.1'),
      pod('p2', '10.1.0.2'),
    ];
    const sorted = (list: readonly object[]): unknown => {
      const { snapshot } = loadObjects(list);
      return [[...snapshot.services].sort(), [...snapshot.slices].sort()];
    };
    expect(sorted(objects.toReversed())).to.deep.equal(sorted(objects));
  });
});

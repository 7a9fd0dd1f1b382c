import { expect } from 'chai';
import { buildModel } from '../../src/model/build.js';
import type { KubernetesObject } from '../../src/snapshot/types.js';
import { updateSnapshot } from '../../src/snapshot/update.js';
import { modelOf, node, service, settings, slice, snapshotOf } from './support.js';

const CLUSTER: readonly KubernetesObject[] = [
  service('b', { clusterIP: '10.96.0.2' }),
  service('a'),
  slice('a', ['10.0.0.1']),
  slice('b', ['10.0.0.2']),
  node(['192.168.0.1']),
];

/** A Service with this many endpoints. */
function crowd(count: number): readonly KubernetesObject[] {
  const ips = Array.from({ length: count }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
  return [service('a'), slice('a', ips)];
}

describe('buildModel', () => {
  it('has the ports in the order of their Services', () => {
    expect(modelOf(CLUSTER).ports.map(({ id }) => id)).to.deep.equal(['shop/a', 'shop/b']);
  });

  it('orders by the bytes of namespace/name, where a hyphen comes before the slash', () => {
    const other = { ...service('z'), metadata: { name: 'z', namespace: 'shop-2' } };
    const { ports } = modelOf([service('a', { clusterIP: '10.96.0.9' }), other]);
    expect(ports.map(({ id }) => id)).to.deep.equal(['shop-2/z', 'shop/a']);
  });

  it('is large with more than 1000 endpoints, counted before any choice', () => {
    expect(modelOf(crowd(1000)).context.large).to.equal(false);
    expect(modelOf(crowd(1001)).context.large).to.equal(true);
    const unready = slice('b', [{ addresses: ['10.9.9.9'], conditions: { ready: false } }]);
    const second = service('b', { clusterIP: '10.96.0.2' });
    expect(modelOf([...crowd(1000), second, unready]).context.large).to.equal(true);
  });

  it('keeps the ports of a Service that did not change, and makes those of one that did', () => {
    const snapshot = snapshotOf(...CLUSTER);
    const before = buildModel(snapshot, settings(), 'IPv4');
    const changed = updateSnapshot(snapshot, { set: [slice('b', ['10.0.0.3'])] });
    const after = buildModel(changed, settings(), 'IPv4', before);
    expect(after.ports[0]).to.equal(before.ports[0]);
    expect(after.ports[1]).to.not.equal(before.ports[1]);
    expect(after.context).to.equal(before.context);
    expect(after.ports[1]?.pools.cluster.map(({ ip }) => ip)).to.deep.equal(['10.0.0.3']);
  });

  it('builds all ports again after the node moved to another zone', () => {
    const snapshot = snapshotOf(...CLUSTER);
    const before = buildModel(snapshot, settings(), 'IPv4');
    const moved = node(['192.168.0.1'], {
      metadata: { name: 'here', labels: { 'topology.kubernetes.io/zone': 'z' } },
    });
    const after = buildModel(
      updateSnapshot(snapshot, { set: [moved] }),
      settings(),
      'IPv4',
      before,
    );
    expect(after.ports[0]).to.not.equal(before.ports[0]);
    expect(after.context.zone).to.equal('z');
  });

  it('repeats the diagnostics of a Service that did not change', () => {
    const odd = service('c', { clusterIP: '10.96.0.3', externalIPs: ['x'] });
    const snapshot = snapshotOf(...CLUSTER, odd);
    const before = buildModel(snapshot, settings(), 'IPv4');
    const after = buildModel(
      updateSnapshot(snapshot, { set: [slice('a', [])] }),
      settings(),
      'IPv4',
      before,
    );
    expect(before.diagnostics).to.have.length(1);
    expect(after.diagnostics).to.deep.equal(before.diagnostics);
  });

  it('an exception in one Service affects that Service only', () => {
    const broken = new Proxy(service('b', { clusterIP: '10.96.0.2' }), {
      get: (object, field) => {
        if (field === 'spec') throw new TypeError('x is not a function');
        return Reflect.get(object, field);
      },
    });
    const snapshot = snapshotOf(...CLUSTER);
    const before = buildModel(snapshot, settings(), 'IPv4');
    const now = { ...snapshot, services: new Map(snapshot.services).set('shop/b', broken) };
    for (const previous of [undefined, before]) {
      const { ports, diagnostics } = buildModel(now, settings(), 'IPv4', previous);
      expect(ports.map(({ id }) => id)).to.deep.equal(['shop/a']);
      expect(
        diagnostics.map(({ code, severity, message }) => [code, severity, message]),
      ).to.deep.equal([
        ['service-failed', 'error', 'Service shop/b cannot be compiled: x is not a function'],
      ]);
    }
  });

  it('has a few notes and a count for 130,000 endpoints that each deserve one', () => {
    const slices = Array.from({ length: 130 }, (_, i) =>
      slice(
        'a',
        Array.from({ length: 1000 }, (_, j) => `FD00::${i.toString(16)}:${j.toString(16)}`),
        { addressType: 'IPv6', metadata: { ...slice('a', []).metadata, name: `a-${i}` } },
      ),
    );
    const own = service('a', { clusterIP: 'fd00:1::1', ipFamilies: ['IPv6'] });
    const { ports, diagnostics } = modelOf([own, ...slices], {}, 'IPv6');
    expect(ports[0]?.endpointCount).to.equal(130_000);
    expect(diagnostics).to.have.length(11);
    expect(diagnostics.at(-1)?.message).to.match(
      /^129990 more [a-z-]+ about Service shop\/a and its EndpointSlices$/,
    );
  });
});

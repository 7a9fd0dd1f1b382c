/**
 * The store of watched objects: what a stream of events leaves behind, whatever order and company
 * they come in.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import type { WatchedKind } from '../../../src/agent/source.js';
import { ObjectStore } from '../../../src/agent/sources/object-store.js';
import { receive } from '../../../src/snapshot/receive.js';
import { service, slice } from '../../model/support.js';
import { property } from '../../support/arbitrary/property.js';

const TRIGGER = 'endpoints.kubernetes.io/last-change-trigger-time';

function storeOf(...objects: readonly { readonly kind: WatchedKind }[]): ObjectStore {
  const store = new ObjectStore();
  for (const object of objects) store.set(object.kind, receive(object.kind, object));
  return store;
}

describe('ObjectStore', () => {
  it('shares what did not change, and an equal object is no change', () => {
    const store = storeOf(service('a'), service('b'), slice('a', ['10.0.0.1']));
    const before = store.state().snapshot;
    expect(store.set('Service', receive('Service', service('a')))).to.deep.equal({
      changes: [],
      diagnostics: [],
    });
    expect(store.state().snapshot).to.equal(before);
    store.set('Service', receive('Service', service('a', { clusterIP: '10.96.0.2' })));
    const after = store.state().snapshot;
    expect(after.services.get('shop/b')).to.equal(before.services.get('shop/b'));
    expect(after.services.get('shop/a')?.spec.clusterIP).to.equal('10.96.0.2');
    expect(after.slices).to.equal(before.slices);
  });

  it('a list deletes what it does not hold', () => {
    const store = storeOf(service('a'), service('b'), slice('a', ['10.0.0.1']));
    const { changes } = store.replace('Service', [receive('Service', service('b'))]);
    expect(changes).to.deep.equal([{ kind: 'Service', service: 'shop/a', family: 'IPv4' }]);
    const { services, slices } = store.state().snapshot;
    expect([...services.keys()]).to.deep.equal(['shop/b']);
    expect([...slices.keys()]).to.deep.equal(['shop/a']);
  });

  it('reports the Service, the family and the trigger time of a slice', () => {
    const store = new ObjectStore();
    const raw = { ...slice('a', ['10.0.0.1']) };
    const stamped = {
      ...raw,
      metadata: { ...raw.metadata, annotations: { [TRIGGER]: '2026-11-20T10:00:00.5Z' } },
    };
    expect(store.set('EndpointSlice', receive('EndpointSlice', stamped)).changes).to.deep.equal([
      {
        kind: 'EndpointSlice',
        service: 'shop/a',
        family: 'IPv4',
        triggered: Date.UTC(2026, 10, 20, 10, 0, 0, 500),
      },
    ]);
    const moved = {
      ...raw,
      metadata: { ...raw.metadata, labels: { 'kubernetes.io/service-name': 'b' } },
    };
    const { changes } = store.set('EndpointSlice', receive('EndpointSlice', moved));
    expect(changes.map((change) => change.service)).to.deep.equal(['shop/a', 'shop/b']);
    expect([...store.state().snapshot.slices.keys()]).to.deep.equal(['shop/b']);
  });

  it('a change of a Service is of the families that it had or has', () => {
    const v4 = { clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1'], ipFamilies: ['IPv4'] as const };
    const v6 = { clusterIP: 'fd00::1', clusterIPs: ['fd00::1'], ipFamilies: ['IPv6'] as const };
    const both = {
      ...{ clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1', 'fd00::1'] },
      ipFamilies: ['IPv4', 'IPv6'] as const,
    };
    const store = new ObjectStore();
    const set = (raw: object) => store.set('Service', receive('Service', raw)).changes;
    const families = [v4, v6, both, v6].map((spec) => set(service('a', spec))[0]?.family ?? 'both');
    expect(families).to.deep.equal(['IPv4', 'both', 'both', 'both']);
    const ports = [{ port: 81 }];
    expect(set(service('a', { ...v6, ports }))[0]?.family).to.equal('IPv6');
    expect(set({ ...service('a', v6), spec: 'none' })[0]?.family).to.equal(undefined);
    expect(set(service('a', v6))[0]?.family).to.equal(undefined);
  });

  it('an invalid object marks its Service, is reported once, and a valid one ends that', () => {
    const store = storeOf(service('a'), slice('a', ['10.0.0.1']));
    const bad = { ...slice('a', ['10.0.0.1']), addressType: 'ipv4' };
    const first = store.set('EndpointSlice', receive('EndpointSlice', bad));
    expect(first.diagnostics.map(({ code }) => code)).to.deep.equal(['invalid-object']);
    expect(first.changes.map((change) => change.service)).to.deep.equal(['shop/a']);
    expect([...store.state().incomplete]).to.deep.equal(['shop/a']);
    const again = store.set('EndpointSlice', receive('EndpointSlice', bad));
    expect(again).to.deep.equal({ changes: [], diagnostics: [] });
    store.set('EndpointSlice', receive('EndpointSlice', slice('a', ['10.0.0.1'])));
    expect([...store.state().incomplete]).to.deep.equal([]);
    store.set('EndpointSlice', receive('EndpointSlice', bad));
    store.delete('EndpointSlice', receive('EndpointSlice', bad).ref);
    expect([...store.state().incomplete]).to.deep.equal([]);
  });

  it('an invalid slice marks the Service that it names now, and no other', () => {
    const store = storeOf(service('a'), service('b'));
    const bad = (name: string): object => ({ ...slice(name, ['10.0.0.1']), addressType: 'ipv4' });
    const named = (name: string): object => ({
      ...bad(name),
      metadata: { ...slice(name, []).metadata, name: 'moved' },
    });
    store.set('EndpointSlice', receive('EndpointSlice', named('a')));
    const moved = store.set('EndpointSlice', receive('EndpointSlice', named('b')));
    expect(moved.changes.map((change) => change.service)).to.deep.equal(['shop/a', 'shop/b']);
    expect([...store.state().incomplete]).to.deep.equal(['shop/b']);
    const labelled = { ...bad('b'), metadata: { name: 'moved', namespace: 'shop' } };
    store.set('EndpointSlice', receive('EndpointSlice', labelled));
    expect([...store.state().incomplete]).to.deep.equal([]);
  });

  it('what is wrong with an object is reported once, also where it is another fault than before', () => {
    const store = storeOf(service('a'));
    const bad = (addressType: string): object => ({ ...slice('a', ['10.0.0.1']), addressType });
    const codes = (addressType: string): number =>
      store.set('EndpointSlice', receive('EndpointSlice', bad(addressType))).diagnostics.length;
    expect(['x', 'y', 'y', 'x'].map(codes)).to.deep.equal([1, 1, 0, 1]);
  });

  it('a Node that became invalid stays as it was', () => {
    const node = { apiVersion: 'v1', kind: 'Node' as const, metadata: { name: 'n' } };
    const store = storeOf(node);
    store.set('Node', receive('Node', { ...node, status: { addresses: 'none' } }));
    expect(store.state().snapshot.nodes.get('n')?.metadata.name).to.equal('n');
  });

  it('of any events, repeated or late, the last one about a name wins', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const event = fc.oneof(
      fc.record({ type: fc.constant('set' as const), name, n: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ type: fc.constant('delete' as const), name }),
      fc.record({ type: fc.constant('replace' as const), names: fc.uniqueArray(name) }),
      fc.record({ type: fc.constant('look' as const) }),
    );
    property(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        const store = new ObjectStore();
        const wanted = new Map<string, string>();
        for (const one of events) {
          if (one.type === 'look') store.state();
          else if (one.type === 'replace') {
            wanted.clear();
            for (const each of one.names) wanted.set(`shop/${each}`, '10.96.0.9');
            const items = one.names.map((each) => service(each, { clusterIP: '10.96.0.9' }));
            store.replace(
              'Service',
              items.map((item) => receive('Service', item)),
            );
          } else if (one.type === 'set') {
            wanted.set(`shop/${one.name}`, `10.96.0.${one.n}`);
            const item = service(one.name, { clusterIP: `10.96.0.${one.n}` });
            store.set('Service', receive('Service', item));
          } else {
            wanted.delete(`shop/${one.name}`);
            store.delete('Service', { kind: 'Service', namespace: 'shop', name: one.name });
          }
        }
        const { services } = store.state().snapshot;
        const found = [...services].map(([key, { spec }]) => [key, spec.clusterIP]);
        expect(found.sort()).to.deep.equal([...wanted].sort());
      }),
    );
  });
});

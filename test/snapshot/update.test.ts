/** A changed snapshot shares all that the change does not touch. */

import { expect } from 'chai';
import { indexSnapshot } from '../../src/snapshot/index-objects.js';
import type { EndpointSlice, Node, Service, ServiceCidr } from '../../src/snapshot/types.js';
import { updateSnapshot } from '../../src/snapshot/update.js';

function service(name: string): Service {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec: {} };
}

function slice(name: string, of: string): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': of } },
    addressType: 'IPv4',
    endpoints: [],
  };
}

const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } };
const cidr: ServiceCidr = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  metadata: { name: 'c' },
};
const before = indexSnapshot({
  services: [service('a'), service('b')],
  slices: [slice('a-2', 'a'), slice('a-1', 'a'), slice('b-1', 'b')],
  nodes: [node],
  serviceCidrs: [cidr],
});
const ref = (
  kind: string,
  name: string,
  namespace = 'default',
): { kind: string; namespace: string; name: string } => ({ kind, namespace, name });
const names = (slices: readonly EndpointSlice[] | undefined): string[] =>
  (slices ?? []).map(({ metadata }) => metadata.name);

describe('snapshot/update', () => {
  it('replaces one Service and shares the rest', () => {
    const next = service('a');
    const after = updateSnapshot(before, { set: [next] });
    expect(after.services.get('default/a')).to.equal(next);
    expect(after.services.get('default/b')).to.equal(before.services.get('default/b'));
    expect(after.slices).to.equal(before.slices);
    expect(after.nodes).to.equal(before.nodes);
    expect(after.serviceCidrs).to.equal(before.serviceCidrs);
    expect(before.services.get('default/a')).not.to.equal(next);
  });

  it('is the same snapshot where nothing changes', () => {
    const same = [...before.services.values(), ...[...before.slices.values()].flat(), node, cidr];
    expect(updateSnapshot(before, {})).to.equal(before);
    expect(updateSnapshot(before, { set: same })).to.equal(before);
    expect(
      updateSnapshot(before, {
        delete: [
          ref('Service', 'x'),
          ref('EndpointSlice', 'x'),
          ref('Node', 'x', ''),
          ref('Pod', 'a'),
        ],
      }),
    ).to.equal(before);
  });

  it('replaces, adds and deletes slices in order', () => {
    const next = slice('a-1', 'a');
    const replaced = updateSnapshot(before, { set: [next] });
    expect(replaced.slices.get('default/a')?.[0]).to.equal(next);
    expect(replaced.slices.get('default/a')?.[1]).to.equal(before.slices.get('default/a')?.[1]);
    expect(replaced.slices.get('default/b')).to.equal(before.slices.get('default/b'));
    expect(
      names(updateSnapshot(before, { set: [slice('a-0', 'a')] }).slices.get('default/a')),
    ).to.deep.equal(['a-0', 'a-1', 'a-2']);
    expect(
      names(
        updateSnapshot(before, { delete: [ref('EndpointSlice', 'a-1')] }).slices.get('default/a'),
      ),
    ).to.deep.equal(['a-2']);
    expect(
      updateSnapshot(before, { delete: [ref('EndpointSlice', 'b-1')] }).slices.has('default/b'),
    ).to.equal(false);
    expect(updateSnapshot(before, { delete: [ref('EndpointSlice', 'b-1', 'other')] })).to.equal(
      before,
    );
  });

  it('moves a slice that names another Service, or none', () => {
    const moved = updateSnapshot(before, { set: [slice('a-1', 'b')] });
    expect(names(moved.slices.get('default/a'))).to.deep.equal(['a-2']);
    expect(names(moved.slices.get('default/b'))).to.deep.equal(['a-1', 'b-1']);
    const lost = updateSnapshot(before, { set: [slice('b-1', '')] });
    expect(lost.slices.has('default/b')).to.equal(false);
  });

  it('changes nodes and ServiceCIDRs', () => {
    const changed = updateSnapshot(before, {
      set: [
        { ...node, metadata: { name: 'n2' } },
        { ...cidr, metadata: { name: 'b' } },
      ],
      delete: [ref('Node', 'n1', '')],
    });
    expect([...changed.nodes.keys()]).to.deep.equal(['n2']);
    expect(changed.serviceCidrs.map(({ metadata }) => metadata.name)).to.deep.equal(['b', 'c']);
    expect(changed.services).to.equal(before.services);
  });
});

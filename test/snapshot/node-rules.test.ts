/** What the API server of Kubernetes 1.36 refuses in a Node or a ServiceCIDR of a manifest. */

import { expect } from 'chai';
import { loadObjects } from './support.js';

function node(rest: object, metadata: object = {}): object {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', ...metadata }, ...rest };
}

function messages(object: object): readonly string[] {
  return loadObjects([object]).diagnostics.map(
    ({ severity, message }) => `${severity}: ${message}`,
  );
}

describe('snapshot/node-rules', () => {
  const nodes: readonly (readonly [string, object, string])[] = [
    [
      'a Pod network that is none',
      node({ spec: { podCIDRs: ['junk'] } }),
      'spec.podCIDRs[0]: "junk": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ],
    [
      'two Pod networks of one family',
      node({ spec: { podCIDRs: ['10.1.0.0/24', '10.2.0.0/24'] } }),
      'spec.podCIDRs: may specify no more than one CIDR for each IP family',
    ],
    [
      'three Pod networks',
      node({ spec: { podCIDRs: ['10.1.0.0/24', 'fd00::/64', 'fd01::/64'] } }),
      'spec.podCIDRs: may specify no more than one CIDR for each IP family',
    ],
    [
      'an address that is none',
      node({ status: { addresses: [{ type: 'InternalIP', address: 'junk' }] } }),
      'status.addresses[0].address: "junk": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
    [
      'one address twice',
      node({
        status: {
          addresses: [
            { type: 'ExternalIP', address: '1.2.3.4' },
            { type: 'ExternalIP', address: '1.2.3.4' },
          ],
        },
      }),
      'status.addresses[1]: is given twice',
    ],
    [
      'a taint without key',
      node({ spec: { taints: [{ effect: 'NoSchedule' }] } }),
      'spec.taints[0].key: "": name part must be non-empty',
    ],
    [
      'a taint with an unknown effect',
      node({ spec: { taints: [{ key: 'a', effect: 'Never' }] } }),
      'spec.taints[0].effect: "Never": must be one of NoSchedule, PreferNoSchedule, NoExecute',
    ],
    [
      'one taint twice',
      node({
        spec: {
          taints: [
            { key: 'a', effect: 'NoExecute' },
            { key: 'a', effect: 'NoExecute', value: 'x' },
          ],
        },
      }),
      'spec.taints[1]: taints must be unique by key and effect pair',
    ],
    [
      'a zone with a blank',
      node({}, { labels: { 'topology.kubernetes.io/zone': 'a b' } }),
      "metadata.labels: \"a b\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    ],
  ];
  for (const [what, object, words] of nodes) {
    it(`warn of ${what} and keep the Node`, () => {
      expect(messages(object)).to.deep.equal([`warning: Node n1: ${words}`]);
      expect(loadObjects([object]).snapshot.nodes.size).to.equal(1);
    });
  }

  it('accept what nodes have', () => {
    const object = node({
      spec: {
        podCIDR: '10.1.0.0/24',
        podCIDRs: ['10.1.0.0/24', 'fd00::/64'],
        taints: [
          { key: 'a.b/c', effect: 'NoSchedule' },
          { key: 'a.b/c', effect: 'NoExecute' },
        ],
      },
      status: {
        addresses: [
          { type: 'InternalIP', address: '10.0.0.1' },
          { type: 'ExternalIP', address: '10.0.0.1' },
          { type: 'Hostname', address: 'n1' },
        ],
      },
    });
    expect(messages(object)).to.deep.equal([]);
  });

  it('say nothing about a Node that an API server has stored', () => {
    expect(messages(node({ spec: { podCIDRs: ['junk'] } }, { uid: 'x' }))).to.deep.equal([]);
  });

  const cidrs: readonly (readonly [readonly string[], string])[] = [
    [[], 'spec.cidrs: is required: at least one CIDR required'],
    [
      ['junk'],
      'spec.cidrs[0]: "junk": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ],
    [
      ['10.0.0.0/16', '10.1.0.0/16'],
      'spec.cidrs: may specify no more than one IP for each IP family',
    ],
  ];
  for (const [list, words] of cidrs) {
    it(`refuse a ServiceCIDR with [${list.join(', ')}]`, () => {
      const object = {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'ServiceCIDR',
        metadata: { name: 'k' },
        spec: { cidrs: list },
      };
      expect(messages(object)).to.deep.equal([`error: ServiceCIDR k left out: ${words}`]);
    });
  }
});

import { expect } from 'chai';
import type { KubernetesObject, Service } from '../../src/snapshot/types.js';
import { modelOf, service, slice, withIngress } from './support.js';

/** What each Service answers on, one word per address: `NAME cluster=… external=… lb=… node=…`. */
function answers(
  objects: readonly KubernetesObject[],
  previous?: readonly KubernetesObject[],
): readonly string[] {
  const before = previous === undefined ? undefined : modelOf(previous);
  return modelOf(objects, {}, 'IPv4', before).ports.map(
    ({ id, clusterIp, externalIps, loadBalancerIps, nodePort }) =>
      `${id.replace('shop/', '')} cluster=${clusterIp} external=${externalIps.join()} lb=${loadBalancerIps.join()} node=${nodePort}`,
  );
}

const nodePort = (
  name: string,
  clusterIP: string,
  port: number,
  protocol: 'TCP' | 'UDP' = 'TCP',
): Service =>
  service(name, { type: 'NodePort', clusterIP, ports: [{ port: 80, protocol, nodePort: port }] });

describe('collisions', () => {
  it('a cluster IP comes before an external IP, in any order of names', () => {
    const thief = service('a', { clusterIP: '10.96.0.2', externalIPs: ['10.96.0.1', '192.0.2.1'] });
    expect(answers([thief, service('b')])).to.deep.equal([
      'a cluster=10.96.0.2 external=192.0.2.1 lb= node=0',
      'b cluster=10.96.0.1 external= lb= node=0',
    ]);
  });

  it('a cluster IP beats a load balancer address, which beats an external IP', () => {
    const external = service('a', { clusterIP: '10.96.0.2', externalIPs: ['192.0.2.1'] });
    const balanced = withIngress(
      service('b', { clusterIP: '10.96.0.3' }),
      '192.0.2.1',
      '10.96.0.1',
    );
    expect(answers([external, balanced, service('c')])).to.deep.equal([
      'a cluster=10.96.0.2 external= lb= node=0',
      'b cluster=10.96.0.3 external= lb=192.0.2.1 node=0',
      'c cluster=10.96.0.1 external= lb= node=0',
    ]);
  });

  it('of two equal claims the first by name wins, in any order of input', () => {
    const [a, b] = [service('a'), service('b')];
    const expected = [
      'a cluster=10.96.0.1 external= lb= node=0',
      'b cluster= external= lb= node=0',
    ];
    expect(answers([a, b])).to.deep.equal(expected);
    expect(answers([b, a])).to.deep.equal(expected);
  });

  it('a node port belongs to one Service per protocol', () => {
    expect(
      answers([
        nodePort('a', '10.96.0.1', 30000),
        nodePort('b', '10.96.0.2', 30000),
        nodePort('c', '10.96.0.3', 30000, 'UDP'),
      ]),
    ).to.deep.equal([
      'a cluster=10.96.0.1 external= lb= node=30000',
      'b cluster=10.96.0.2 external= lb= node=0',
      'c cluster=10.96.0.3 external= lb= node=30000',
    ]);
  });

  it('the same address with another port or protocol is no collision', () => {
    const others = service('b', {
      ports: [
        { name: 'x', port: 81, protocol: 'TCP' },
        { name: 'y', port: 80, protocol: 'UDP' },
      ],
    });
    expect(modelOf([service('a'), others]).winners.size).to.equal(0);
  });

  it('a Service does not collide with itself', () => {
    const own = withIngress(service('a', { externalIPs: ['192.0.2.1', '10.96.0.1'] }), '192.0.2.1');
    const { winners, diagnostics } = modelOf([own]);
    expect(winners.size).to.equal(0);
    expect(diagnostics).to.deep.equal([]);
  });

  it('a warning names what the loser lost, and to which Service', () => {
    const { diagnostics } = modelOf([service('a'), service('b')]);
    expect(diagnostics).to.have.length(1);
    expect(diagnostics[0]).to.include({ code: 'address-collision', severity: 'warning' });
    expect(diagnostics[0]?.object).to.deep.equal({ kind: 'Service', namespace: 'shop', name: 'b' });
    expect(diagnostics[0]?.message).to.equal(
      'cluster IP 10.96.0.1:80/TCP is also claimed by Service shop/a, which gets it',
    );
  });

  it('the loser gets its address back when the winner is deleted, and loses it again when that returns', () => {
    const [a, b] = [service('a'), service('b')];
    const both = modelOf([a, b]);
    const alone = modelOf([b], {}, 'IPv4', both);
    expect(alone.ports.map(({ clusterIp }) => clusterIp)).to.deep.equal(['10.96.0.1']);
    expect(alone.diagnostics).to.deep.equal([]);
    const again = modelOf([a, b], {}, 'IPv4', alone);
    expect(again.ports.map(({ clusterIp }) => clusterIp)).to.deep.equal(['10.96.0.1', '']);
    expect(again.diagnostics).to.deep.equal(both.diagnostics);
  });

  it('losing an address keeps the endpoints, for the addresses that are left', () => {
    const model = modelOf([
      service('a'),
      nodePort('b', '10.96.0.1', 30000),
      slice('b', ['10.0.0.1']),
    ]);
    expect(model.ports[1]).to.include({ clusterIp: '', nodePort: 30000 });
    expect(model.ports[1]?.pools.cluster).to.have.length(1);
  });
});

/**
 * Which traffic to a ClusterIP is masqueraded: all that does not come from pods, by every way to
 * tell pods.
 */

import { answeredBy } from './expectations.js';
import { type Row, scenario } from './scenario.js';
import { testService } from './services.js';

const web = testService('web', 1, { ready: ['pod-a'] });

const podKeepsItsSource: Row = {
  it: 'a pod keeps its source address',
  from: 'pod-b',
  to: web.clusterIp,
  expect: answeredBy(['pod-a'], 'kept'),
};
const outsideIsMasqueraded: Row = {
  it: 'a client outside is masqueraded',
  from: 'client',
  to: web.clusterIp,
  expect: answeredBy(['pod-a'], 'node'),
};

scenario(
  'pods recognised by the pod CIDR of the node',
  { services: [web], config: { detectLocalMode: 'NodeCIDR' } },
  [podKeepsItsSource, outsideIsMasqueraded],
);

scenario(
  'pods recognised by the name of their interface',
  {
    services: [web],
    config: {
      detectLocalMode: 'InterfaceNamePrefix',
      detectLocal: { interfaceNamePrefix: 'veth-' },
    },
  },
  [podKeepsItsSource, outsideIsMasqueraded],
);

scenario(
  'pods recognised by one interface',
  {
    services: [web],
    config: { detectLocalMode: 'BridgeInterface', detectLocal: { bridgeInterface: 'veth-pod-b' } },
  },
  [podKeepsItsSource, outsideIsMasqueraded],
);

scenario('no way to recognise pods', { services: [web], config: { clusterCIDR: '' } }, [
  podKeepsItsSource,
  {
    it: 'a client outside keeps its source address too',
    from: 'client',
    to: web.clusterIp,
    expect: answeredBy(['pod-a'], 'kept'),
  },
]);

const all = { masqueradeAll: true };
scenario('masqueradeAll', { services: [web], config: { iptables: all, nftables: all } }, [
  {
    it: 'a pod is masqueraded',
    from: 'pod-b',
    to: web.clusterIp,
    expect: answeredBy(['pod-a'], 'node'),
  },
  outsideIsMasqueraded,
]);

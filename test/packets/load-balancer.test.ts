/** Addresses of load balancers that the node answers itself, and who may use them. */

import { CLIENT_ADDRESSES, FAMILIES, NODE_IP } from './addresses.js';
import { answeredBy, droppedWhile } from './expectations.js';
import { scenario } from './scenario.js';
import { testService } from './services.js';

const open = testService('open', 1, { type: 'LoadBalancer', ready: ['pod-a', 'pod-remote'] });
const one = testService('one', 2, {
  type: 'LoadBalancer',
  ready: ['pod-a', 'pod-remote'],
  spec: {
    loadBalancerSourceRanges: [
      `${CLIENT_ADDRESSES[0]!.IPv4}/32`,
      `${CLIENT_ADDRESSES[0]!.IPv6}/128`,
    ],
  },
});
const lan = testService('lan', 3, {
  type: 'LoadBalancer',
  ready: ['pod-a', 'pod-remote'],
  spec: {
    loadBalancerSourceRanges: FAMILIES.map((family) =>
      family === 'IPv4' ? '192.168.7.0/24' : 'fd00:192:7::/64',
    ),
  },
});
const both = answeredBy(['pod-a', 'pod-remote'], 'node');

scenario('a load balancer address', { services: [open], core: true }, [
  { it: 'is answered to the outside', from: 'client', to: open.loadBalancer, expect: both },
  {
    it: 'is answered to a pod without leaving the node',
    from: 'pod-b',
    to: open.loadBalancer,
    expect: both,
  },
  { it: 'is answered to the node itself', from: 'node', to: open.loadBalancer, expect: both },
]);

scenario('loadBalancerSourceRanges', { services: [one, lan], core: true }, [
  { it: 'a client inside is answered', from: 'client', to: one.loadBalancer, expect: both },
  {
    it: 'a client outside of them is dropped',
    from: 'stranger',
    to: one.loadBalancer,
    expect: droppedWhile({ from: 'client', to: one.loadBalancer }),
  },
  {
    it: 'the same client is answered where a wider range holds it',
    from: 'stranger',
    to: lan.loadBalancer,
    expect: both,
  },
  {
    it: 'the ranges do not guard the node port',
    from: 'stranger',
    to: one.nodePortOn(NODE_IP),
    expect: both,
  },
  {
    it: 'they do not guard the ClusterIP either',
    from: 'stranger',
    to: one.clusterIp,
    expect: both,
  },
  {
    it: 'a pod that is not in them is dropped',
    from: 'pod-b',
    to: lan.loadBalancer,
    expect: droppedWhile({ from: 'pod-b', to: lan.clusterIp }),
  },
  {
    it: 'the node is answered where they hold its address',
    from: 'node',
    to: lan.loadBalancer,
    expect: both,
  },
  {
    it: 'the node is dropped where they do not',
    from: 'node',
    to: one.loadBalancer,
    expect: droppedWhile({ from: 'node', to: lan.loadBalancer }),
  },
]);

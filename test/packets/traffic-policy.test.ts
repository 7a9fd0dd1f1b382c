/**
 * externalTrafficPolicy and internalTrafficPolicy Local: only pods of this node, and the client's
 * own address.
 */

import { NODE_IP } from './addresses.js';
import { answeredBy, droppedWhile } from './expectations.js';
import { scenario } from './scenario.js';
import { testService } from './services.js';

const external = { externalTrafficPolicy: 'Local' } as const;
const near = testService('near', 1, {
  type: 'LoadBalancer',
  ready: ['pod-a', 'pod-remote'],
  external: true,
  spec: external,
});
const far = testService('far', 2, {
  type: 'LoadBalancer',
  ready: ['pod-remote'],
  external: true,
  spec: external,
});

scenario('externalTrafficPolicy Local with a pod on this node', { services: [near], core: true }, [
  {
    it: 'the local pod alone answers the outside on the node port, and sees who asked',
    from: 'client',
    to: near.nodePortOn(NODE_IP),
    expect: answeredBy(['pod-a'], 'kept'),
  },
  {
    it: 'the same holds for the load balancer',
    from: 'client',
    to: near.loadBalancer,
    expect: answeredBy(['pod-a'], 'kept'),
  },
  {
    it: 'the same holds for the external IP',
    from: 'client',
    to: near.externalIp,
    expect: answeredBy(['pod-a'], 'kept'),
  },
  {
    it: 'a pod takes the short cut to all endpoints, and is not masqueraded',
    from: 'pod-b',
    to: near.loadBalancer,
    expect: answeredBy(['pod-a', 'pod-remote'], 'kept'),
  },
  {
    it: 'the node takes the short cut too, masqueraded',
    from: 'node',
    to: near.nodePortOn(NODE_IP),
    expect: answeredBy(['pod-a', 'pod-remote'], 'node'),
  },
  {
    it: 'the ClusterIP is not concerned',
    from: 'pod-b',
    to: near.clusterIp,
    expect: answeredBy(['pod-a', 'pod-remote'], 'kept'),
  },
]);

scenario(
  'externalTrafficPolicy Local without a pod on this node',
  { services: [near, far], core: true },
  [
    {
      it: 'the outside is dropped on the node port',
      from: 'client',
      to: far.nodePortOn(NODE_IP),
      expect: droppedWhile({ from: 'client', to: near.nodePortOn(NODE_IP) }),
    },
    {
      it: 'the outside is dropped on the load balancer',
      from: 'client',
      to: far.loadBalancer,
      expect: droppedWhile({ from: 'client', to: near.loadBalancer }),
    },
    {
      it: 'the outside is dropped on the external IP',
      from: 'client',
      to: far.externalIp,
      expect: droppedWhile({ from: 'client', to: near.externalIp }),
    },
    {
      it: 'a pod takes the short cut to the remote endpoint',
      from: 'pod-b',
      to: far.loadBalancer,
      expect: answeredBy(['pod-remote'], 'kept'),
    },
    {
      it: 'the node takes the short cut too',
      from: 'node',
      to: far.nodePortOn(NODE_IP),
      expect: answeredBy(['pod-remote'], 'node'),
    },
  ],
);

const internal = { internalTrafficPolicy: 'Local' } as const;
const inside = testService('inside', 3, {
  type: 'NodePort',
  ready: ['pod-a', 'pod-remote'],
  spec: internal,
});
const nowhere = testService('nowhere', 4, {
  type: 'NodePort',
  ready: ['pod-remote'],
  spec: internal,
});

scenario('internalTrafficPolicy Local', { services: [inside, nowhere] }, [
  {
    it: 'the local pod alone answers a pod on the ClusterIP',
    from: 'pod-b',
    to: inside.clusterIp,
    expect: answeredBy(['pod-a'], 'kept'),
  },
  {
    it: 'the local pod alone answers the node on the ClusterIP',
    from: 'node',
    to: inside.clusterIp,
    expect: answeredBy(['pod-a'], 'node'),
  },
  {
    it: 'without a local pod, a pod is dropped',
    from: 'pod-b',
    to: nowhere.clusterIp,
    expect: droppedWhile({ from: 'pod-b', to: inside.clusterIp }),
  },
  {
    it: 'without a local pod, the node is dropped',
    from: 'node',
    to: nowhere.clusterIp,
    expect: droppedWhile({ from: 'node', to: inside.clusterIp }),
  },
  {
    it: 'the node port is not concerned',
    from: 'client',
    to: nowhere.nodePortOn(NODE_IP),
    expect: answeredBy(['pod-remote'], 'node'),
  },
]);

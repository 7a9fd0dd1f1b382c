/**
 * Services without endpoints are refused, not dropped; pods on their way out answer when nobody
 * else can.
 */

import { NODE_IP } from './addresses.js';
import { answeredBy, refused } from './expectations.js';
import { scenario } from './scenario.js';
import { testService } from './services.js';

const empty = testService('empty', 1, { type: 'LoadBalancer', external: true });

scenario('a Service without endpoints', { services: [empty], core: true }, [
  { it: 'refuses a pod on the ClusterIP', from: 'pod-b', to: empty.clusterIp, expect: refused },
  { it: 'refuses the node on the ClusterIP', from: 'node', to: empty.clusterIp, expect: refused },
  {
    it: 'refuses the outside on the ClusterIP',
    from: 'client',
    to: empty.clusterIp,
    expect: refused,
  },
  {
    it: 'refuses the outside on the node port',
    from: 'client',
    to: empty.nodePortOn(NODE_IP),
    expect: refused,
  },
  {
    it: 'refuses the outside on the load balancer',
    from: 'client',
    to: empty.loadBalancer,
    expect: refused,
  },
  {
    it: 'refuses the outside on the external IP',
    from: 'client',
    to: empty.externalIp,
    expect: refused,
  },
]);

const leaving = testService('leaving', 1, {
  type: 'NodePort',
  terminating: ['pod-a', 'pod-remote'],
});
const replaced = testService('replaced', 2, { ready: ['pod-b'], terminating: ['pod-a'] });
const drained = testService('drained', 3, {
  type: 'NodePort',
  ready: ['pod-remote'],
  terminating: ['pod-a'],
  spec: { externalTrafficPolicy: 'Local' },
});

scenario('terminating pods', { services: [leaving, replaced, drained] }, [
  {
    it: 'answer while no pod is ready',
    from: 'pod-b',
    to: leaving.clusterIp,
    expect: answeredBy(['pod-a', 'pod-remote'], 'kept'),
  },
  {
    it: 'answer on the node port too',
    from: 'client',
    to: leaving.nodePortOn(NODE_IP),
    expect: answeredBy(['pod-a', 'pod-remote'], 'node'),
  },
  {
    it: 'get nothing as soon as one is ready',
    from: 'client',
    to: replaced.clusterIp,
    expect: answeredBy(['pod-b'], 'node'),
  },
  {
    it: 'answer the outside under externalTrafficPolicy Local while the node has no ready one',
    from: 'client',
    to: drained.nodePortOn(NODE_IP),
    expect: answeredBy(['pod-a'], 'kept'),
  },
  {
    it: 'get nothing from the inside meanwhile',
    from: 'pod-b',
    to: drained.clusterIp,
    expect: answeredBy(['pod-remote'], 'kept'),
  },
]);

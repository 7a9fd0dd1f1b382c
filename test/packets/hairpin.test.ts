/**
 * A pod that reaches itself through its own Service must be masqueraded, or it would answer itself
 * past the node.
 */

import { NODE_IP } from './addresses.js';
import { answeredBy } from './expectations.js';
import { scenario } from './scenario.js';
import { testService } from './services.js';

const lone = testService('lone', 1, { type: 'LoadBalancer', ready: ['pod-a'], external: true });
const pair = testService('pair', 2, { ready: ['pod-a', 'pod-b'] });
const near = testService('near', 3, {
  type: 'LoadBalancer',
  ready: ['pod-a'],
  spec: { externalTrafficPolicy: 'Local' },
});
const itself = answeredBy(['pod-a'], 'kept-unless-itself');

scenario('hairpin', { services: [lone, pair, near], core: true }, [
  {
    it: 'a pod reaches itself by its ClusterIP',
    from: 'pod-a',
    to: lone.clusterIp,
    expect: itself,
  },
  {
    it: 'it is masqueraded only towards itself, not towards its sibling',
    from: 'pod-a',
    to: pair.clusterIp,
    expect: answeredBy(['pod-a', 'pod-b'], 'kept-unless-itself'),
  },
  {
    it: 'a pod reaches itself by the node port',
    from: 'pod-a',
    to: lone.nodePortOn(NODE_IP),
    expect: itself,
  },
  {
    it: 'a pod reaches itself by the load balancer',
    from: 'pod-a',
    to: lone.loadBalancer,
    expect: itself,
  },
  {
    it: 'a pod reaches itself by the external IP',
    from: 'pod-a',
    to: lone.externalIp,
    expect: itself,
  },
  {
    it: 'a pod reaches itself by the load balancer under externalTrafficPolicy Local',
    from: 'pod-a',
    to: near.loadBalancer,
    expect: itself,
  },
]);

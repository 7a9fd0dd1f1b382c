/** External IPs: addresses that others route to the node. */

import { answeredBy } from './expectations.js';
import { scenario } from './scenario.js';
import { testService } from './services.js';

const web = testService('web', 1, { ready: ['pod-a', 'pod-remote'], external: true });
const both = answeredBy(['pod-a', 'pod-remote'], 'node');

scenario('an external IP', { services: [web] }, [
  { it: 'is answered to the outside', from: 'client', to: web.externalIp, expect: both },
  { it: 'is answered to a pod', from: 'pod-b', to: web.externalIp, expect: both },
  { it: 'is answered to the node itself', from: 'node', to: web.externalIp, expect: both },
]);

scenario(
  'an external IP with the gate AllowServiceExternalIPs off',
  { services: [web], config: { featureGates: { AllowServiceExternalIPs: false } } },
  [
    {
      it: 'is an address like any other: whoever has it answers',
      from: 'pod-b',
      to: web.externalIp,
      expect: answeredBy(['elsewhere'], 'kept'),
    },
    {
      it: 'leaves the ClusterIP alone',
      from: 'pod-b',
      to: web.clusterIp,
      expect: answeredBy(['pod-a', 'pod-remote'], 'kept'),
    },
  ],
);

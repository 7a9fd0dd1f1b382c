/** ClusterIPs: who may ask, and whose address the pod sees. */

import { POD_NAMES } from './addresses.js';
import { answeredBy } from './expectations.js';
import { scenario } from './scenario.js';
import { testService } from './services.js';

const web = testService('web', 1, { ready: ['pod-a', 'pod-remote'] });
const all = testService('all', 2, { ready: POD_NAMES });

scenario('a ClusterIP', { services: [web, all], core: true }, [
  {
    it: 'is answered to a pod by every endpoint, local or remote, and the source is kept',
    from: 'pod-b',
    to: web.clusterIp,
    expect: answeredBy(['pod-a', 'pod-remote'], 'kept'),
  },
  {
    it: 'is answered to the node itself',
    from: 'node',
    to: web.clusterIp,
    expect: answeredBy(['pod-a', 'pod-remote'], 'node'),
  },
  {
    it: 'is answered to the outside too, masqueraded because the source is not in the cluster CIDR',
    from: 'client',
    to: all.clusterIp,
    expect: answeredBy(POD_NAMES, 'node'),
  },
]);

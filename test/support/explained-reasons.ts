/** Clusters in which an endpoint of `shop/web` is not used on node-a, and what is said of it. */

import { NODES, SERVICE, SLICE } from '../explain/support.js';

const cluster = (slice: string, service = SERVICE): string => [NODES, service, slice].join('---');
const hinted = (kind: string, names: readonly string[]): string =>
  names.reduce(
    (text, name) =>
      text.replace(/zone: zone-\d\}/, `zone: z, hints: {${kind}: [{name: ${name}}]}}`),
    SLICE,
  );

/** What `vipc explain` prints, and the documents in which it does. */
export const EXPLAINED_REASONS: readonly (readonly [text: string, documents: string])[] = [
  [
    'not ready   node-b',
    cluster(SLICE.replace('ready: true}, nodeName: node-b', 'ready: false}, nodeName: node-b')),
  ],
  [
    'terminating, and others are ready',
    cluster(
      SLICE.replace(
        'ready: true}, nodeName: node-b',
        'ready: false, terminating: true}, nodeName: node-b',
      ),
    ),
  ],
  [
    'terminating, and it does not serve any more',
    cluster(
      SLICE.replace(
        'ready: true}, nodeName: node-b',
        'ready: false, serving: false, terminating: true}, nodeName: node-b',
      ),
    ),
  ],
  [
    'hints give it to clients of zone-2; this is zone-1',
    cluster(hinted('forZones', ['zone-1', 'zone-2'])),
  ],
  [
    'hints give it to clients of node-b; this is node-a',
    cluster(hinted('forNodes', ['node-a', 'node-b'])),
  ],
  [
    'on another node, and the policy is Local',
    cluster(SLICE, SERVICE.replace('type: ClusterIP', 'internalTrafficPolicy: Local')),
  ],
  ['listed twice: the other entry counts', cluster(SLICE.replace('10.244.2.3', '10.244.1.7'))],
  [
    '10.244.9.9   of an endpoint only the first address is used',
    cluster(SLICE.replace('[10.244.2.3]', '[10.244.2.3, 10.244.9.9]')),
  ],
  [
    'the slice has names (FQDN): rules need addresses',
    [cluster(SLICE), SLICE.replace('name: web-1', 'name: web-2').replace('IPv4', 'FQDN')].join(
      '---',
    ),
  ],
  [
    'metrics/TCP   no port of the Service has that name and protocol',
    cluster(SLICE.replace('ports: [', 'ports: [{name: metrics, port: 9090}, ')),
  ],
];

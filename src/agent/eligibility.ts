/** What the Node's own object says about its fitness for traffic of load balancers (KEP-3836). */

import type { Snapshot } from '../snapshot/types.js';
import type { NodeEligibility } from './observer.js';

/** kube-proxy looks at no other taint: cordoning, NotReady and all others leave a node eligible. */
const TO_BE_DELETED = 'ToBeDeletedByClusterAutoscaler';

/**
 * Tells eligibility from one snapshot after the other. `isNodeExpected`: whether a Node that was never there counts as missing; a
 * machine that is no node of the cluster is fit without one. A Node that was there once is always missed.
 */
export function eligibilityOf(
  nodeName: string,
  isNodeExpected: boolean,
): (snapshot: Snapshot) => NodeEligibility {
  let isExpected = isNodeExpected;
  return ({ nodes }) => {
    const node = nodes.get(nodeName);
    if (node === undefined) return isExpected ? 'missing' : 'eligible';
    isExpected = true;
    if ((node.metadata.deletionTimestamp ?? '') !== '') return 'deleting';
    const isTainted = node.spec?.taints?.some(({ key }) => key === TO_BE_DELETED) ?? false;
    return isTainted ? 'tainted' : 'eligible';
  };
}

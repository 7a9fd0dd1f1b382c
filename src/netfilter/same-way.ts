/** Whether flows are in one state, and came there in one way. */

import type { Flow } from './flow.js';

/** Whether a rule did nothing to a flow. */
export function sameState(a: Flow, b: Flow): boolean {
  return (
    a.region === b.region &&
    a.mark === b.mark &&
    a.openMark === b.openMark &&
    a.connectionMark === b.connectionMark &&
    a.tracking === b.tracking &&
    a.share === b.share &&
    a.dnat === b.dnat &&
    a.masquerade === b.masquerade &&
    a.snat === b.snat &&
    a.lists.length === b.lists.length
  );
}

/** Whether a flow is in the state of another one, and came the same way but for its path. */
export function sameWay(a: Flow, b: Flow): boolean {
  return (
    sameState(a, b) &&
    a.lists === b.lists &&
    a.assumptions === b.assumptions &&
    a.accepted === b.accepted &&
    a.link === b.link &&
    a.ports === b.ports
  );
}

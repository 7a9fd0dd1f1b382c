/** Where on its way the kernel looks for the connection of a packet (nf_conntrack_core.c). */

import { copyOf, type Flow } from './flow.js';
import type { BaseChain, Hook } from './program.js';

/**
 * NF_IP_PRI_CONNTRACK. Of two functions with the same priority the one that was registered last
 * runs first, and a rule that asks for states has the kernel register the tracking before.
 */
const TRACKING_PRIORITY = -200;

/** Whether the rules of a chain meet packets before their connection is known. */
export function isBeforeTracking(hook: Hook, { priority }: BaseChain): boolean {
  return (hook === 'prerouting' || hook === 'output') && priority <= TRACKING_PRIORITY;
}

/** Flows at a place where the kernel has seen their packets, or has not. */
export function tracked(flows: readonly Flow[], tracking: 'unseen' | 'seen'): readonly Flow[] {
  return flows.some((flow) => flow.tracking !== 'never' && flow.tracking !== tracking)
    ? flows.map((flow) => (flow.tracking === 'never' ? flow : withTracking(flow, tracking)))
    : flows;
}

function withTracking(flow: Flow, tracking: Flow['tracking']): Flow {
  const next = copyOf(flow);
  next.tracking = tracking;
  return next;
}

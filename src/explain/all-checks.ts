/** All checks of one Service, in the order in which they are shown. */

import type { Snapshot } from '../snapshot/types.js';
import { answer, type Check, type CheckInput, counted, inOrder } from './checks.js';
import { podChecks } from './pod-checks.js';
import { serviceChecks } from './service-checks.js';
import { sliceChecks } from './slice-checks.js';

/** The answers about a Service that the input has; about rules nothing is known here. */
export function checksOf(input: CheckInput): readonly Check[] {
  return inOrder([
    ...serviceChecks(input),
    ...podChecks(input),
    ...sliceChecks(input),
    ...networkPolicyChecks(input.loaded.snapshot),
  ]);
}

/** Network policies are not read; that there are some is worth to know. */
function networkPolicyChecks({ skippedKinds }: Snapshot): readonly Check[] {
  const number = skippedKinds.get('networking.k8s.io/v1 NetworkPolicy') ?? 0;
  if (number === 0) return [];
  const message = `the input has ${counted(number, 'NetworkPolicy', 'NetworkPolicies')}, which no rule of a Service shows`;
  return [answer('network-policy', 'unknown', message, 'kubectl describe networkpolicies -A')];
}

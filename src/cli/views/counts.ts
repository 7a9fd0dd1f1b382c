/**
 * Numbers in words, and the counts of Service ports that begin and end what diff and apply print.
 */

import type { ServiceSummary } from '../../plan/summary-types.js';

/** `1 rule`, `2 rules`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** One Service port, and what happens to it. */
export type StateOf = Pick<ServiceSummary, 'origin' | 'state'>;

const STATES = ['added', 'changed', 'removed'] as const;
type Verbs = Readonly<Record<ServiceSummary['state'], string>>;

/** What `vipc diff` calls the states. */
export const TO_DO: Verbs = { added: 'to add', changed: 'to change', removed: 'to remove' };
/** What `vipc apply` calls them. */
export const DONE: Verbs = { added: 'added', changed: 'changed', removed: 'removed' };

/**
 * `1 to add, 30 to remove`: each origin counts once, and as changed where the families differ; `''`
 * for no Service port at all.
 */
export function countsText(services: readonly StateOf[], verbs: Verbs): string {
  const states = new Map<string, ServiceSummary['state']>();
  for (const { origin, state } of services) {
    const known = states.get(origin) ?? state;
    states.set(origin, known === state ? state : 'changed');
  }
  const found = [...states.values()];
  return STATES.map((state) => [found.filter((one) => one === state).length, state] as const)
    .filter(([number]) => number > 0)
    .map(([number, state]) => `${number} ${verbs[state]}`)
    .join(', ');
}

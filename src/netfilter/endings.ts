/** How a rule ends the walk of packets through a base chain. */

import type { LastAction, Surroundings } from './chain-walk.js';
import { type Ended, type Ending, type Flow, translated } from './flow.js';
import { isWithin } from './intervals.js';
import type { Hook } from './program.js';
import { redirected } from './redirect.js';
import { address } from './region.js';

/** Actions that end a walk, and do not lead to another chain. */
type Last = Exclude<LastAction, { readonly kind: 'return' | 'jump' | 'goto' | 'choose' }>;

/** What becomes of a flow, or of each of its parts. */
export function endedBy(action: Last, flow: Flow, around: Surroundings): readonly Ended[] {
  return action.kind === 'redirect'
    ? redirected(action, flow, around)
    : [ended(action, flow, around)];
}

function ended(
  action: Exclude<Last, { readonly kind: 'redirect' }>,
  flow: Flow,
  { remote }: Surroundings,
): Ended {
  switch (action.kind) {
    case 'dnat':
      return { flow: translated(flow, action.translation), ending: ACCEPTED };
    case 'masquerade':
      return {
        flow: { ...flow, masquerade: true, keepsPort: !action.fullyRandom },
        ending: ACCEPTED,
      };
    case 'snat': {
      const { ip } = action;
      const masquerade = !isWithin(address(ip), remote);
      return { flow: { ...flow, masquerade, snat: ip }, ending: ACCEPTED };
    }
    case 'reject':
      return { flow, ending: action };
    case 'unknown-action':
      return unknownEnd(flow, action.text);
    default:
      return { flow, ending: action.kind === 'drop' ? DROPPED : ACCEPTED };
  }
}

/** The end of a flow at an action that is not understood. */
export function unknownEnd(flow: Flow, text: string): Ended {
  return { flow, ending: { kind: 'unknown', text } };
}

const ACCEPTED: Ending = { kind: 'accept' };
const DROPPED: Ending = { kind: 'drop' };

/** Whether a nat chain of this hook has nothing left to decide. */
export function isTranslated(hook: Hook, { dnat, masquerade, snat }: Flow): boolean {
  return hook === 'prerouting' || hook === 'output'
    ? dnat !== undefined
    : masquerade || snat !== undefined;
}

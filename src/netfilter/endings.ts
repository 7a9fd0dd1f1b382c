/** How a rule ends the walk of packets through a base chain. */

import { type Ip, LOOPBACK_IP } from '../net/ip.js';
import type { LastAction, Surroundings } from './chain-walk.js';
import {
  copyOf,
  type Ended,
  type Ending,
  type Flow,
  splitByField,
  translated,
  translationTo,
} from './flow.js';
import { isWithin } from './intervals.js';
import type { BaseChain, Hook } from './program.js';
import { address, word } from './region.js';
import type { Action } from './rule.js';

/** Actions that end a walk, and do not lead to another chain. */
type Last = Exclude<LastAction, { readonly kind: 'return' | 'jump' | 'goto' | 'choose' }>;

/** Where kernels load rules that translate (nft_nat.c): chains of type nat at these hooks. */
const TRANSLATES: ReadonlyMap<string, readonly Hook[]> = new Map([
  ['dnat', ['prerouting', 'output']],
  ['redirect', ['prerouting', 'output']],
  ['snat', ['postrouting', 'input']],
  ['masquerade', ['postrouting']],
]);

/** What becomes of a flow, or of each of its parts, on the way through a base chain. */
export function endedBy(
  action: Last,
  flow: Flow,
  around: Surroundings,
  base: BaseChain | undefined,
): readonly Ended[] {
  const hooks = TRANSLATES.get(action.kind);
  if (base !== undefined && hooks !== undefined)
    if (base.type !== 'nat' || !hooks.includes(base.hook)) {
      const text = `${action.kind} in a chain of type ${base.type} at ${base.hook}`;
      return [{ flow, ending: { kind: 'impossible', text } }];
    }
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
    case 'masquerade': {
      const hidden = copyOf(flow);
      hidden.masquerade = true;
      hidden.ports = portWords(action.fullyRandom, action.ports);
      return { flow: hidden, ending: ACCEPTED };
    }
    case 'snat': {
      const { ip } = action;
      const masquerade = !isWithin(address(ip), remote);
      const ports = masquerade ? portWords(action.fullyRandom) : '';
      return { flow: { ...flow, masquerade, snat: ip, ports }, ending: ACCEPTED };
    }
    case 'reject':
      return { flow, ending: action };
    case 'unknown-action':
      return unknownEnd(flow, action.text);
    default:
      return { flow, ending: action.kind === 'drop' ? DROPPED : ACCEPTED };
  }
}

/**
 * {@link Flow.ports} of a source that may get some ports. Those that the kernel takes for clients
 * without being told (nf_nat_core.c) are no difference.
 */
function portWords(isRandom: boolean, ports = USUAL_PORTS): string {
  const range = ports === USUAL_PORTS ? '' : ` to ports ${ports}`;
  return `${range}${isRandom ? '' : ' without random ports'}`;
}

const USUAL_PORTS = '1024-65535';

type Redirect = Extract<Action, { readonly kind: 'redirect' }>;

/**
 * The parts of a flow by the address that each is sent to, as nf_nat_redirect.c decides it: what
 * the machine sends goes to loopback, what arrives to the first address of the interface that it
 * arrives on.
 */
function redirected(
  redirect: Redirect,
  flow: Flow,
  { family, interfaces }: Pick<Surroundings, 'family' | 'interfaces'>,
): readonly Ended[] {
  if (flow.isOwn) return [sentTo(LOOPBACK_IP[family], redirect, flow)];
  const parts: Ended[] = [];
  let open: Flow | undefined = flow;
  for (const [name, ip] of interfaces) {
    if (open === undefined) break;
    const split: ReturnType<typeof splitByField> = splitByField(open, 'iif', word(name));
    if (split.met !== undefined) parts.push(sentTo(ip, redirect, split.met));
    open = split.rest;
  }
  const text = `${redirect.text}: the address of the interface that the packet arrives on`;
  if (open !== undefined) parts.push(unknownEnd(open, text));
  return parts;
}

function sentTo(ip: Ip, { port }: Redirect, flow: Flow): Ended {
  return { flow: translated(flow, translationTo({ ip, port })), ending: ACCEPTED };
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

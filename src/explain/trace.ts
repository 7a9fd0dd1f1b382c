/**
 * What becomes of one packet on a machine: every way that it can take, the chance of each, and the
 * rules that decide. What is not understood makes a chance a range.
 */

import { addTo } from '../grouping.js';
import { familyOf, type Ip, inetNtop, joinHostPort } from '../net/ip.js';
import { casesOf, distributionOf, type Part } from '../netfilter/cases.js';
import type { Visit } from '../netfilter/chain-walk.js';
import type { Ending } from '../netfilter/flow.js';
import { ALL, compareFractions, type Fraction, NONE, sameFraction } from '../netfilter/fraction.js';
import { sameIntervals } from '../netfilter/intervals.js';
import type { Chain, Hook } from '../netfilter/program.js';
import {
  address,
  everything,
  FIELDS,
  type FieldName,
  numbers,
  type Region,
  word,
} from '../netfilter/region.js';
import type { Arrival, Router } from '../netfilter/route.js';
import type { Destination } from '../netfilter/rule.js';
import {
  haveOneTarget,
  pathOf,
  policyStep,
  type TraceStep,
  traceStep,
  untranslatedIn,
} from './path.js';
import { reasonOf } from './reason.js';

/** A first packet of a connection. */
export interface Packet {
  readonly source: Ip;
  readonly destination: Ip;
  /** `tcp`, `udp`, `sctp`. */
  readonly protocol: string;
  readonly port: number;
  /** Where the machine meets it: it arrives (prerouting), or the machine sends it (output). */
  readonly start: 'prerouting' | 'output';
  /** Interface that it arrives on; `undefined`: any. */
  readonly inInterface: string | undefined;
}

/** One thing that can become of the packet. */
export interface TraceOutcome {
  readonly ending: Ending;
  /** The last hook that it passed. */
  readonly hook: Hook;
  /** Where its destination is translated to; `undefined`: nowhere, or dropped on several ways. */
  readonly dnat: Destination | undefined;
  /** Whether its source becomes an address of the machine. */
  readonly masquerade: boolean;
  /** The address that its source becomes by a rule that names one; `undefined`: none does. */
  readonly snat: Ip | undefined;
  /**
   * The last chain of a Service whose rule matched and that did not translate it: where it leaves
   * so, or where that chain is empty.
   */
  readonly untranslated: Pick<Chain, 'name' | 'rules'> | undefined;
  /** At least this often, and at most; equal where everything is understood. */
  readonly least: Fraction;
  readonly most: Fraction;
  /** The rules that decide, in order. */
  readonly path: readonly TraceStep[];
}

export interface Trace {
  readonly packet: Packet;
  /** Likeliest first. */
  readonly outcomes: readonly TraceOutcome[];
  /**
   * What was not understood and may make a difference: conditions that were taken both ways,
   * actions, and tables whose rules are not in the dump.
   */
  readonly unknown: readonly string[];
  /** Fields that were not given and make a difference: `iif`, `oif`, `sport`. */
  readonly open: readonly FieldName[];
  /** Every rule that was met, in order; empty unless asked for. */
  readonly met: readonly MetRule[];
}

export interface MetRule extends TraceStep {
  /** Why it did not match, in words; `''`: it matched. */
  readonly reason: string;
}

/** The region of a packet: any source port, and any interface that is not given. */
function regionOf(packet: Packet): Region {
  const family = familyOf(packet.source);
  const region: Region = {
    ...everything(family),
    saddr: address(packet.source),
    daddr: address(packet.destination),
    protocol: word(packet.protocol),
    dport: numbers(packet.port, packet.port),
    state: word('new'),
    age: numbers(0, 0),
  };
  if (packet.start === 'output') return { ...region, iif: word('') };
  return packet.inInterface === undefined ? region : { ...region, iif: word(packet.inInterface) };
}

/**
 * What the rules of a router do with a packet. `client`: the affinity lists that its client is on.
 * `all`: whether every rule that it meets is listed.
 */
export function tracePacket(
  router: Router,
  packet: Packet,
  options: { readonly client?: ReadonlySet<string>; readonly all?: boolean } = {},
): Trace {
  const met = new Map<string, MetRule>();
  const visit = ({ chain, rule, failed }: Visit): void => {
    if (rule.line === '') return;
    const reason = failed === undefined ? '' : reasonOf(rule, failed);
    const step = { ...traceStep(chain, rule), reason };
    met.set(JSON.stringify(step), step);
  };
  const arrivals = router.route(regionOf(packet), packet.start, {
    ...(options.client && { client: options.client }),
    ...(options.all === true && { visit }),
  });
  if (options.all === true)
    for (const { policy } of arrivals)
      if (policy?.base !== undefined) {
        const step = { ...policyStep(policy, policy.base), reason: '' };
        met.set(JSON.stringify(step), step);
      }
  const outcomes = outcomesOf(arrivals).sort(byChance);
  const isOpen = outcomes.some(({ least, most }) => !sameFraction(least, most));
  const assumed = arrivals.flatMap(({ flow }) => flow.assumptions.map(({ text }) => text));
  const actions = outcomes.flatMap(({ ending }) => (ending.kind === 'unknown' ? ending.text : []));
  const unread = router.unread.map((table) => `table ${table}, whose rules are not in the dump`);
  return {
    packet,
    outcomes,
    unknown: [...new Set([...(isOpen ? assumed : []), ...actions, ...unread])],
    open: isOpen ? openFields(arrivals) : [],
    met: [...met.values()],
  };
}

/** Whether it is known what becomes of the packet. */
export function isDecided({ outcomes, unknown }: Trace): boolean {
  return unknown.length === 0 && outcomes.every(({ least, most }) => sameFraction(least, most));
}

/** The fields by which rules split the packets. */
function openFields(arrivals: readonly Arrival[]): readonly FieldName[] {
  const [first] = arrivals;
  if (first === undefined) return [];
  return FIELDS.filter((field) =>
    arrivals.some(({ flow }) => !sameIntervals(flow.region[field], first.flow.region[field])),
  );
}

/** The affinity lists that a client is put on when it is sent to an endpoint, `10.0.0.5:8080`. */
export function affinityLists(router: Router, packet: Packet, endpoint: string): readonly string[] {
  const arrivals = router.route(regionOf(packet), packet.start);
  const found = arrivals.find(
    ({ flow: { dnat } }) =>
      dnat !== undefined && joinHostPort(inetNtop(dnat.to.ip), dnat.to.port) === endpoint,
  );
  return found?.flow.lists ?? [];
}

/** The arrivals by what becomes of them, with the bounds of their chances. */
function outcomesOf(arrivals: readonly Arrival[]): TraceOutcome[] {
  const kinds = arrivals.map((arrival) => [outcomeKey(arrival), arrival.flow] as const);
  const bounds = boundsOf(kinds);
  return [...grouped(arrivals)].map(([kind, group]) => {
    const { flow, ending, hook } = group.at(-1) ?? group[0];
    const chain = untranslatedIn(flow);
    return {
      ending,
      hook,
      dnat: haveOneTarget(group) ? flow.dnat?.to : undefined,
      masquerade: flow.masquerade,
      snat: flow.snat,
      untranslated: ending.kind === 'accept' || chain?.rules.length === 0 ? chain : undefined,
      ...(bounds?.get(kind) ?? OPEN),
      path: pathOf(group),
    };
  });
}

/** How often something happens at least and at most. */
type Bounds = Pick<TraceOutcome, 'least' | 'most'>;

const OPEN: Bounds = { least: NONE, most: ALL };

/** The bounds of each kind in all cases; `undefined`: there are too many. */
function boundsOf(kinds: readonly Part[]): ReadonlyMap<string, Bounds> | undefined {
  const { cases, areAll } = casesOf(kinds);
  if (!areAll) return undefined;
  const shares = new Map<string, Fraction[]>();
  for (const { parts } of cases)
    for (const [kind, share] of distributionOf(parts)) addTo(shares, kind, share);
  return new Map(
    [...shares].map(([kind, found]) => {
      found.sort(compareFractions);
      const least = found.length < cases.length ? NONE : (found[0] ?? NONE);
      return [kind, { least, most: found.at(-1) ?? ALL }];
    }),
  );
}

/** The arrivals of each outcome. The last one is from the last hook. */
function grouped(
  arrivals: readonly Arrival[],
): ReadonlyMap<string, readonly [Arrival, ...Arrival[]]> {
  const groups = new Map<string, [Arrival, ...Arrival[]]>();
  for (const arrival of arrivals) {
    const key = outcomeKey(arrival);
    addTo(groups, key, arrival);
  }
  return groups;
}

/** A key that is equal for equal outcomes. */
function outcomeKey({ flow, ending, hook }: Arrival): string {
  const { dnat, masquerade, snat } = flow;
  const to = dnat === undefined ? '' : ` to ${joinHostPort(dnat.to.ip, dnat.to.port)}`;
  switch (ending.kind) {
    case 'accept':
      return `accept${to}${masquerade ? ' masqueraded' : ''} ${snat} ${untranslatedIn(flow)?.name}`;
    case 'drop':
      return `drop ${hook}`;
    case 'reject':
      return `reject ${ending.with} ${hook}`;
    case 'impossible':
      return `impossible ${ending.text}`;
    case 'unknown':
      return `unknown ${ending.text}${to}`;
  }
}

function byChance(a: TraceOutcome, b: TraceOutcome): number {
  return compareFractions(b.least, a.least) || compareFractions(b.most, a.most);
}

/**
 * What becomes of one packet on a machine: every way that it can take, the chance of each, and the
 * rules that decide. What is not understood makes a chance a range, never a guess.
 */

import { familyOf, type Ip, inetNtop, joinHostPort } from '../net/ip.js';
import type { Ending, Flow } from '../netfilter/flow.js';
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
import type { Destination, Rule } from '../netfilter/rule.js';
import type { Visit } from '../netfilter/walk.js';
import { distributionIn, worldsOf } from '../netfilter/worlds.js';
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
export interface Outcome {
  readonly ending: Ending;
  /** The last hook that it passed. */
  readonly hook: Hook;
  /** Where its destination is translated to. */
  readonly dnat: Destination | undefined;
  /** Whether its source becomes an address of the machine. */
  readonly masquerade: boolean;
  /** At least this often, and at most; equal where everything is understood. */
  readonly least: Fraction;
  readonly most: Fraction;
  /** The rules that decide, in order. */
  readonly path: readonly TraceStep[];
}

export interface TraceStep {
  /** `nat KUBE-SERVICES`, `ip kube-proxy services`. */
  readonly table: string;
  readonly chain: string;
  readonly line: string;
}

export interface Trace {
  readonly packet: Packet;
  /** Likeliest first. */
  readonly outcomes: readonly Outcome[];
  /**
   * What was not understood and may make a difference: conditions that were taken both ways,
   * actions, and tables of which the dump tells no rules.
   */
  readonly unknown: readonly string[];
  /** Fields that nobody said and that make a difference: `iif`, `oif`, `sport`. */
  readonly open: readonly FieldName[];
  /** Every rule that was met, in order; empty unless asked for. */
  readonly met: readonly MetRule[];
}

export interface MetRule extends TraceStep {
  /** Why it did not match, in words; `''`: it matched. */
  readonly reason: string;
}

/** The region of a packet: any source port, and any interface that is not told. */
export function regionOf(packet: Packet): Region {
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
 * `all`: whether every rule that it meets is told.
 */
export function trace(
  router: Router,
  packet: Packet,
  options: { readonly client?: ReadonlySet<string>; readonly all?: boolean } = {},
): Trace {
  const met = new Map<string, MetRule>();
  const visit = ({ chain, rule, failed }: Visit): void => {
    if (rule.line === '') return;
    const reason = failed === undefined ? '' : reasonOf(rule, failed);
    const step = { ...stepOf(chain, rule), reason };
    met.set(JSON.stringify(step), step);
  };
  const arrivals = router.route(regionOf(packet), packet.start, {
    ...(options.client && { client: options.client }),
    ...(options.all === true && { visit }),
  });
  const outcomes = outcomesOf(arrivals).sort(byChance);
  const isOpen = outcomes.some(({ least, most }) => !sameFraction(least, most));
  const assumed = arrivals.flatMap(({ flow }) => flow.assumptions.map(({ text }) => text));
  const actions = outcomes.flatMap(({ ending }) => (ending.kind === 'unknown' ? ending.text : []));
  const unread = router.unread.map((table) => `table ${table}, whose rules the dump does not tell`);
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

/** The fields by which rules told parts of the packets apart. */
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
function outcomesOf(arrivals: readonly Arrival[]): Outcome[] {
  const kinds = arrivals.map((arrival) => [outcomeKey(arrival), arrival.flow] as const);
  const worlds = worldsOf(arrivals.map(({ flow }) => flow));
  const chances = worlds?.map((world) => distributionIn(world, kinds));
  const firsts = new Map(arrivals.map((arrival) => [outcomeKey(arrival), arrival]));
  return [...firsts].map(([kind, { flow, ending, hook }]) => {
    const shares = chances?.map((found) => found.get(kind) ?? NONE).sort(compareFractions);
    return {
      ending,
      hook,
      dnat: flow.dnat?.to,
      masquerade: flow.masquerade,
      least: shares?.[0] ?? NONE,
      most: shares?.at(-1) ?? ALL,
      path: decisive(flow),
    };
  });
}

/** What becomes of packets, as one word that tells it from anything else. */
export function outcomeKey({ flow: { dnat, masquerade }, ending }: Arrival): string {
  const to = dnat === undefined ? '' : ` to ${joinHostPort(dnat.to.ip, dnat.to.port)}`;
  switch (ending.kind) {
    case 'accept':
      return `accept${to}${masquerade ? ' masqueraded' : ''}`;
    case 'drop':
      return 'drop';
    case 'reject':
      return `reject ${ending.with}`;
    case 'unknown':
      return `unknown ${ending.text}${to}`;
  }
}

function byChance(a: Outcome, b: Outcome): number {
  return compareFractions(b.least, a.least) || compareFractions(b.most, a.most);
}

/**
 * The rules of a way that decide: without those that only count, and without jumps into chains
 * where nothing happened. Where nothing is translated, jumps of a Service that came to nothing are
 * told too: they are why.
 */
function decisive({ path, dnat }: Flow): readonly TraceStep[] {
  const steps: TraceStep[] = [];
  /** The chain that something happens in next. */
  let inside: Chain | undefined;
  for (let step = path; step !== undefined; step = step.before) {
    const target = targetOf(step.rule);
    const isInVain = (): boolean => dnat === undefined && step?.chain.origin !== '';
    if (step.rule.line === '') continue;
    const isTold =
      target === undefined ? decides(step.rule) : target === inside?.name || isInVain();
    if (!isTold) continue;
    steps.push(stepOf(step.chain, step.rule));
    inside = step.chain;
  }
  return steps.reverse();
}

function targetOf({ statements }: Rule): string | undefined {
  const last = statements.at(-1);
  return last?.kind === 'jump' || last?.kind === 'goto' ? last.chain : undefined;
}

function decides({ statements }: Rule): boolean {
  const last = statements.at(-1)?.kind;
  return last !== 'count';
}

function stepOf({ table, name }: Chain, { line }: Rule): TraceStep {
  return { table, chain: name, line };
}

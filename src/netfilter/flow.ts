/** A part of the packets on their way: which ones, how many of them, and what was done to them. */

import type { Ip } from '../net/ip.js';
import { type Fraction, times } from './fraction.js';
import { difference, type Intervals, intersection, sameIntervals } from './intervals.js';
import type { Chain } from './program.js';
import { address, type FieldName, numbers, type Region, withField, word } from './region.js';
import type { Destination, Rule } from './rule.js';
import type { Trail } from './trail.js';

/** A rule that was met and matched, with those before it. */
export interface PathStep {
  readonly chain: Chain;
  readonly rule: Rule;
  /** The chain that the rule led to. */
  readonly calls: Chain | undefined;
  readonly before: PathStep | undefined;
}

/** A condition that is not understood, taken for true or for false. */
export interface Assumption {
  readonly text: string;
  readonly holds: boolean;
  /** The answers that packets surely get, each of them some; none: that is not known. */
  readonly occurs: readonly boolean[];
}

/** Where packets are sent instead, and the fields that they have from then on. */
export interface Translation {
  readonly to: Destination;
  readonly daddr: Intervals;
  /** `undefined`: the port stays. */
  readonly dport: Intervals | undefined;
}

/** Interfaces that packets have at a hook; `undefined`: those of the region. */
export interface Link {
  readonly iif: Intervals | undefined;
  readonly oif: Intervals | undefined;
}

/** A base chain that a rule ended by accept: what stands behind it does not see the packets. */
export interface Acceptance {
  readonly chain: Chain;
  /** The rule; `undefined`: paths were not kept. */
  readonly by: PathStep | undefined;
}

/**
 * Whether the kernel knows the connection of packets: it has not seen them yet, it has, or a rule
 * has them belong to none.
 */
export type Tracking = 'unseen' | 'seen' | 'never';

export interface Flow {
  /** The packets as they were sent. */
  readonly region: Region;
  /** The chance of each of them to come this way. */
  readonly share: Fraction;
  readonly mark: number;
  /** Whether the machine itself sends them. */
  readonly isOwn: boolean;
  /** The mark that they came with. */
  readonly sentMark: number;
  /** Bits of the mark that are not known; 0 in the mark itself. */
  readonly openMark: number;
  /** The mark of the tracked connection, as far as its first packet gets one. */
  readonly connectionMark: number;
  readonly tracking: Tracking;
  /** What the interfaces are at this hook, where they are not those of the region. */
  readonly link: Link;
  readonly dnat: Translation | undefined;
  /** Whether the source becomes an address of the machine. */
  readonly masquerade: boolean;
  /** The address that the source becomes; `undefined`: it stays, or is masqueraded. */
  readonly snat: Ip | undefined;
  /**
   * How a masqueraded source gets its port, in words; `''`: at random from all of them, as with
   * `random-fully`.
   */
  readonly ports: string;
  /** Base chains that a rule ended by accept, and translated nothing. */
  readonly accepted: readonly Acceptance[];
  /** The affinity lists that the client was put on. */
  readonly lists: readonly string[];
  readonly assumptions: readonly Assumption[];
  readonly path: PathStep | undefined;
  /** Records what is asked on the way; `undefined`: not recorded. */
  readonly trail: Trail | undefined;
}

/** A flow that nobody else has yet, for whoever made it to change. */
export type FlowCopy = { -readonly [K in keyof Flow]: Flow[K] };

/**
 * The same packets on the same way, to be changed before anybody else gets them. Written out field
 * by field, which takes V8 half the time of spreading it: a proof makes millions.
 */
export function copyOf(flow: Flow): FlowCopy {
  return {
    region: flow.region,
    share: flow.share,
    mark: flow.mark,
    isOwn: flow.isOwn,
    sentMark: flow.sentMark,
    openMark: flow.openMark,
    connectionMark: flow.connectionMark,
    tracking: flow.tracking,
    link: flow.link,
    dnat: flow.dnat,
    masquerade: flow.masquerade,
    snat: flow.snat,
    ports: flow.ports,
    accepted: flow.accepted,
    lists: flow.lists,
    assumptions: flow.assumptions,
    path: flow.path,
    trail: flow.trail,
  };
}

/** The part of a flow that meets a condition, and the rest; either may be nothing. */
export interface Split {
  readonly met: Flow | undefined;
  readonly rest: Flow | undefined;
}

/** Nothing of a flow. */
export function noneOf(rest: Flow): Split {
  return { met: undefined, rest };
}

/** Splits a flow by a field, as it is after what was done to the packets. */
export function splitByField(flow: Flow, field: FieldName, set: Intervals): Split {
  const rewritten = rewrittenField(flow, field);
  const now = rewritten ?? flow.region[field];
  const met = intersection(now, set);
  if (met.length === 0) {
    flow.trail?.ask(field, set, false);
    return noneOf(flow);
  }
  if (sameIntervals(met, now)) {
    flow.trail?.ask(field, set, true);
    return { met: flow, rest: undefined };
  }
  return {
    met: narrowed(flow, field, met),
    rest: narrowed(flow, field, difference(now, set)),
  };
}

/** The packets of a flow with some of its values of a field. */
export function narrowed(flow: Flow, field: FieldName, set: Intervals): Flow {
  flow.trail?.fork();
  const part = copyOf(flow);
  part.region = withField(flow.region, field, set);
  return part;
}

/** The field after a translation; `undefined` where it is as it was sent. */
function rewrittenField(flow: Flow, field: FieldName): Intervals | undefined {
  switch (field) {
    case 'daddr':
      return flow.dnat?.daddr;
    case 'dport':
      return flow.dnat?.dport;
    case 'iif':
    case 'oif':
      return flow.link[field];
    case 'state':
      return STATES[flow.tracking];
    default:
      return undefined;
  }
}

/** States that rules see; `undefined`: that of the region. */
const STATES: Readonly<Record<Tracking, Intervals | undefined>> = {
  unseen: word('invalid'),
  seen: undefined,
  never: word('untracked'),
};

/** What sending packets to a destination changes. */
export function translationTo({ ip, port }: Destination): Translation {
  const dport = port === 0 ? undefined : numbers(port, port);
  return { to: { ip, port }, daddr: address(ip), dport };
}

/** The flow after its destination was translated. */
export function translated(flow: Flow, dnat: Translation): Flow {
  flow.trail?.fork();
  const sent = copyOf(flow);
  sent.dnat = dnat;
  return sent;
}

/** The flow on the way that a rule gives it. */
export function stepped(flow: Flow, chain: Chain, rule: Rule): Flow {
  if (flow.path?.rule === rule) return flow;
  return { ...flow, path: { chain, rule, calls: undefined, before: flow.path } };
}

/** The flow in the chain that the rule it met last leads to. */
export function called(flow: Flow, calls: Chain): Flow {
  return flow.path === undefined ? flow : { ...flow, path: { ...flow.path, calls } };
}

/** The same flow with a part of its chance. */
export function withShare(flow: Flow, part: Fraction): Flow {
  flow.trail?.fork();
  const some = copyOf(flow);
  some.share = times(flow.share, part);
  return some;
}

/** The values of a field now. */
export function valuesOf(flow: Flow, field: FieldName): Intervals {
  return rewrittenField(flow, field) ?? flow.region[field];
}

/**
 * Splits a flow by a condition that is not understood: both may be true. What was assumed before
 * on the same way stays assumed.
 */
export function splitByGuess(flow: Flow, text: string, occurs: readonly boolean[] = []): Split {
  flow.trail?.fork();
  const known = flow.assumptions.find((assumption) => assumption.text === text);
  if (known !== undefined)
    return known.holds ? { met: flow, rest: undefined } : { met: undefined, rest: flow };
  const assume = (holds: boolean): Flow => ({
    ...flow,
    assumptions: [...flow.assumptions, { text, holds, occurs }],
  });
  return { met: assume(true), rest: assume(false) };
}

/** How the walk through a base chain ends, where a rule ends it. */
export type Ending =
  | { readonly kind: 'accept' | 'drop' }
  /** `with` as in `port-unreachable` or `tcp-reset`, whichever the tool. */
  | { readonly kind: 'reject'; readonly with: string }
  /** No kernel loads the rule where it stands, or what it does is not understood. */
  | { readonly kind: 'impossible' | 'unknown'; readonly text: string };

export interface Ended {
  readonly flow: Flow;
  readonly ending: Ending;
}

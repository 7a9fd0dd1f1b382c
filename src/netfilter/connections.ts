/** Conditions about the tracked connection that a packet belongs to. */

import { type Flow, type Split, splitByField } from './flow.js';
import type { Intervals } from './intervals.js';
import { allIf, guessed, joined, type Parts, parts, swapped } from './parts.js';
import { word, words } from './region.js';
import type { Condition } from './rule.js';

const FIRST = word('new');
const LATER = words(['established', 'related']);
const TRACKED = words(['new', 'established', 'related']);
const BOTH = [true, false];
const TRACKING = ['new', 'established', 'related', 'invalid', 'untracked'];

/** States as a set, apart from the statuses of a connection. */
export interface ConnectionTest {
  readonly kind: 'conntrack';
  readonly not: boolean;
  readonly states: Intervals;
  readonly statuses: readonly string[];
}

/** The words of a condition by what they are about. */
export function connectionTest({
  not,
  states,
}: Extract<Condition, { kind: 'conntrack' }>): ConnectionTest {
  return {
    ...{ kind: 'conntrack', not },
    states: words(states.filter((state) => TRACKING.includes(state))),
    statuses: states.filter((state) => !TRACKING.includes(state)),
  };
}

/** The first packet of a connection. */
export function byFirst(flow: Flow): Split {
  return splitByField(flow, 'state', FIRST);
}

/** Packets that belong to a connection. */
export function byTracked(flow: Flow): Split {
  return splitByField(flow, 'state', TRACKED);
}

/**
 * States and statuses. What was done to the first packet of a connection that exists already is not
 * known.
 */
export function byConnection(flow: Flow, { states, statuses }: ConnectionTest): Parts {
  const byState = splitByField(flow, 'state', states);
  if (byState.rest === undefined || statuses.length === 0) return parts(byState.met, byState.rest);
  const later = splitByField(byState.rest, 'state', LATER);
  const isMet =
    (statuses.includes('dnat') && flow.dnat !== undefined) ||
    (statuses.includes('snat') && (flow.masquerade || flow.snat !== undefined));
  return joined([
    parts(byState.met, undefined),
    allIf(isMet, later.rest),
    guessed(later.met, `status ${statuses.join()} of a connection that exists`, BOTH),
  ]);
}

/** A packet of no connection has no mark, and meets neither the condition nor its opposite. */
export function byConnectionMark(
  flow: Flow,
  { not, value, mask }: Extract<Condition, { kind: 'connection-mark' }>,
): Parts {
  const { met: first, rest } = byFirst(flow);
  const isMet = ((flow.connectionMark & mask) >>> 0 === value) !== not;
  if (rest === undefined) return allIf(isMet, first);
  const { met: later, rest: untracked } = splitByField(rest, 'state', LATER);
  const is = not ? 'is not' : 'is';
  return joined([
    allIf(isMet, first),
    parts(undefined, untracked),
    guessed(later, `mark of a connection that exists ${is} ${markText(value, mask)}`),
  ]);
}

/** Bits that were taken from the mark of a connection that exists are not known. */
export function byMark(
  flow: Flow,
  { not, value, mask }: Extract<Condition, { kind: 'mark' }>,
): Parts {
  const known = (mask & ~flow.openMark) >>> 0;
  const isMet = (flow.mark & known) >>> 0 === (value & ~flow.openMark) >>> 0;
  return isMet && known !== mask
    ? swapped(guessed(flow, `mark is ${markText(value, mask)}`), not)
    : allIf(isMet !== not, flow);
}

function markText(value: number, mask: number): string {
  return `0x${value.toString(16)}/0x${mask.toString(16)}`;
}

/** The first packet of a TCP connection has SYN alone, but for those that negotiate ECN. */
export function byFlags(
  flow: Flow,
  { among, set }: Extract<Condition, { kind: 'tcp-flags' }>,
): Parts {
  const text = `tcp flags ${set.join()} of ${among.join()}`;
  if (among.includes('ecn') || among.includes('cwr')) return guessed(flow, text);
  const { met: first, rest: later } = byFirst(flow);
  const isMet = set.join() === among.filter((flag) => flag === 'syn').join();
  return joined([allIf(isMet, first), guessed(later, text)]);
}

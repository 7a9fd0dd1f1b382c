/**
 * The way of a flow through a run of rules. The values that are left are put together once, behind
 * the last rule: a copy at each rule would cost the square of their number.
 */

import type { Outlets } from './chain-walk.js';
import type { CompiledRule } from './compiled-rules.js';
import { unknownEnd } from './endings.js';
import { splitByTest, unmetTest } from './field-tests.js';
import { type Flow, narrowed, type Split, valuesOf } from './flow.js';
import {
  difference,
  EMPTY,
  type Intervals,
  intersection,
  sameIntervals,
  union,
} from './intervals.js';
import type { Run } from './rule-runs.js';
import { sameWay } from './same-way.js';

/** What a run needs of the walk that it is a part of. */
export interface RunWalk {
  /** Sends a part through the tests of a rule behind the one that tells it apart. */
  readonly meet: (compiled: CompiledRule, part: Flow, outlets: Outlets) => void;
  /** Why no more rules are asked; `undefined`: one more is. */
  readonly fault: () => string | undefined;
  /** Whether parts that a rule did nothing to go on with the others, without their paths. */
  readonly joins: boolean;
  readonly outlets: Pick<Outlets, 'returned' | 'ended'>;
}

/** Sends a flow through a run. Returns what no rule ended. */
export function throughRun(run: Run, flow: Flow, walk: RunWalk): readonly Flow[] {
  const passed: Flow[] = [];
  let met: Flow | undefined = flow;
  for (const test of run.shared) {
    if (met === undefined) break;
    const split: Split = splitByTest(met, test);
    if (split.rest !== undefined) passed.push(split.rest);
    met = split.met;
  }
  return met === undefined ? passed : [...passed, ...throughRules(run, met, 0, walk)];
}

/** The same from one of its rules on, for packets that pass the tests before. */
function throughRules(run: Run, flow: Flow, from: number, walk: RunWalk): readonly Flow[] {
  const left = new Remainder(valuesOf(flow, run.field));
  const groups: (readonly Flow[])[] = [];
  for (const position of run.candidates(flow, from)) {
    const compiled = run.rules[position];
    const fault = walk.fault();
    if (fault !== undefined) {
      walk.outlets.ended.push(unknownEnd(flow, fault));
      return groups.reverse().flat();
    }
    const met = compiled === undefined ? EMPTY : metBy(compiled, flow, run, left);
    if (compiled === undefined || met.length === 0) continue;
    const part = left.isWhole(met) ? flow : narrowed(flow, run.field, met);
    const next = behind(compiled, part, walk);
    if (next === undefined) continue;
    left.remove(met);
    groups.push(next.flatMap((one) => throughRules(run, one, position + 1, walk)));
    if (part === flow) break;
  }
  return [...left.flows(flow, run.field), ...groups.reverse().flat()];
}

/** The values of what is left of a flow that a rule is about. */
function metBy(compiled: CompiledRule, flow: Flow, run: Run, left: Remainder): Intervals {
  const isAsked = unmetTest(compiled, flow, run.shared.length) === undefined;
  return isAsked ? left.within(run.setOf(compiled)) : EMPTY;
}

/** What goes on behind a rule that a part meets; `undefined`: the part, as if it had not met it. */
function behind(
  compiled: CompiledRule,
  part: Flow,
  { meet, outlets, joins }: RunWalk,
): readonly Flow[] | undefined {
  const own: Outlets = { next: [], returned: [], ended: [] };
  meet(compiled, part, own);
  if (isPassed(own, part, joins)) return undefined;
  for (const one of own.returned) outlets.returned.push(one);
  for (const one of own.ended) outlets.ended.push(one);
  return own.next;
}

/** Whether a rule, and the chains that it leads to, did nothing to a part. */
function isPassed({ next, returned, ended }: Outlets, part: Flow, joins: boolean): boolean {
  if (ended.length + returned.length > 0 || next.length !== 1) return false;
  const [one] = next;
  return one === part || (joins && one !== undefined && sameWay(one, part));
}

/** A set that others are taken from, one by one. */
class Remainder {
  private readonly whole: Intervals;
  /** What was taken, in sets each of which is more than twice as long as the next. */
  private readonly gone: Intervals[] = [];

  constructor(whole: Intervals) {
    this.whole = whole;
  }

  /** What is left in a set. */
  within(set: Intervals): Intervals {
    let found = intersection(this.whole, set);
    for (const gone of this.gone) {
      if (found.length === 0) break;
      found = difference(found, gone);
    }
    return found;
  }

  isWhole(set: Intervals): boolean {
    return this.gone.length === 0 && sameIntervals(set, this.whole);
  }

  remove(set: Intervals): void {
    this.gone.push(set);
    for (;;) {
      const [longer, last] = this.gone.slice(-2);
      if (longer === undefined || last === undefined || longer.length > 2 * last.length) return;
      this.gone.splice(-2, 2, union([longer, last]));
    }
  }

  /** What is left of a flow: one, or none. */
  flows(flow: Flow, field: Run['field']): readonly Flow[] {
    if (this.gone.length === 0) return [flow];
    const rest = difference(this.whole, union(this.gone));
    return rest.length === 0 ? [] : [narrowed(flow, field, rest)];
  }
}

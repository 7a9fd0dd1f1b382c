/**
 * Runs of rules: many in a row that test one field, behind other tests that all of them share.
 * Packets with few values of the field meet only the rules that are about these.
 */

import { addTo, getOrInsert } from '../grouping.js';
import type { CompiledRule } from './compiled-rules.js';
import type { FieldTest } from './compiled-sets.js';
import { type Flow, valuesOf } from './flow.js';
import {
  EMPTY,
  type Intervals,
  isWithin,
  type Point,
  pairs,
  placesUpTo,
  union,
} from './intervals.js';
import { type FieldName, onlyPoint } from './region.js';
import type { Trail } from './trail.js';

/** So few rules are tried one after the other. */
const LEAST_RULES = 48;
/** Rules that are about one value; of more the run is no run. */
const MOST_ABOUT = 32;

/** Rules in a row that test whether one field is in a set. */
export class Run {
  readonly rules: readonly CompiledRule[];
  readonly field: FieldName;
  /** The tests before that of the field, the same in all rules. */
  readonly shared: readonly FieldTest[];
  /** Where rules begin or cease to be about a value, in rising order. */
  private readonly places: readonly Point[];
  /** Positions of the rules that are about the values from each place to the next. */
  private readonly about: readonly (readonly number[])[];
  private all: Intervals | undefined;

  constructor(
    { rules, field, shared }: Pick<Run, 'rules' | 'field' | 'shared'>,
    places: readonly Point[],
    about: readonly (readonly number[])[],
  ) {
    this.rules = rules;
    this.field = field;
    this.shared = shared;
    this.places = places;
    this.about = about;
  }

  /** The values that a rule is about. */
  setOf({ steps }: CompiledRule): Intervals {
    return setAt(steps, this.shared.length);
  }

  /** Positions of the rules from one on that are about a flow, in order. */
  candidates(flow: Flow, from: number): readonly number[] {
    const values = valuesOf(flow, this.field);
    const segments = this.segmentsOf(values);
    const lists = segments.map((i) => this.about[i] ?? []).filter(({ length }) => length > 0);
    if (flow.trail?.isUniform) this.tell(flow.trail, values, segments, lists.length > 0);
    const found = lists.length === 1 ? (lists[0] ?? []) : [...new Set(lists.flat())];
    const order = lists.length === 1 ? found : [...found].sort((a, b) => a - b);
    return from === 0 ? order : order.filter((position) => position >= from);
  }

  /** Records in a trail what the choice of the rules depends on. */
  private tell(
    trail: Trail,
    values: Intervals,
    [segment = 0, ...others]: readonly number[],
    isAsked: boolean,
  ): void {
    const [from, to] = [this.places[segment], this.places[segment + 1]];
    if (!isAsked) {
      this.all ??= union(this.rules.map((rule) => this.setOf(rule)));
      trail.ask(this.field, this.all, false);
    } else if (others.length === 0 && from !== undefined && to !== undefined) {
      if (isWithin(values, [from, to])) trail.ask(this.field, [from, to], true);
      else trail.fork();
    } else trail.fork();
  }

  /** The stretches between places that have values of a set. */
  private segmentsOf(values: Intervals): readonly number[] {
    const found: number[] = [];
    for (const [from, to] of pairs(values)) {
      const first = Math.max(placesUpTo(this.places, from) - 1, (found.at(-1) ?? -1) + 1);
      for (let i = Math.max(first, 0); i < this.about.length; i++) {
        const place = this.places[i];
        if (place === undefined || place >= to) break;
        found.push(i);
      }
    }
    return found;
  }
}

type Plan = readonly (CompiledRule | Run)[];

const plans = new WeakMap<readonly CompiledRule[], Plan>();

/** Rules in order, with the runs among them where a flow has many values of a field. */
export function withRuns(rules: readonly CompiledRule[], flow: Flow): Plan {
  if (rules.length < LEAST_RULES) return rules;
  const known = plans.get(rules);
  if (known !== undefined) return known;
  const stretches = stretchesOf(rules);
  const isWide = ({ field }: Stretch): boolean => onlyPoint(valuesOf(flow, field)) === undefined;
  if (stretches.length > 0 && !stretches.some(isWide)) return rules;
  const plan = stretches.length === 0 ? rules : planOf(rules, stretches);
  plans.set(rules, plan);
  return plan;
}

/** Rules that test one field at one position, behind the same tests. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly at: number;
  readonly field: FieldName;
}

/** The long ones; they may overlap. */
function stretchesOf(rules: readonly CompiledRule[]): readonly Stretch[] {
  return POSITIONS.flatMap((at) => {
    const keys = rules.map((rule) => keysOf(rule)[at]);
    const found: Stretch[] = [];
    for (let from = 0; from < rules.length; ) {
      let to = from + 1;
      while (to < rules.length && keys[to] === keys[from]) to++;
      const test = rules[from]?.steps[at];
      if (keys[from] !== undefined && to - from >= LEAST_RULES && test?.kind === 'field')
        found.push({ from, to, at, field: test.field });
      from = to;
    }
    return found;
  });
}

const keys = new WeakMap<CompiledRule, readonly (string | undefined)[]>();

/** What a rule has in common with others of a stretch, by the position of the test. */
function keysOf(rule: CompiledRule): readonly (string | undefined)[] {
  return getOrInsert(keys, rule, ({ steps }) => POSITIONS.map((at) => keyAt(steps, at)));
}

/** Rules of use have no more tests before the one that tells them apart. */
const POSITIONS = [0, 1, 2, 3];

/** `undefined`: the step is no test for a set. */
function keyAt(steps: CompiledRule['steps'], at: number): string | undefined {
  const tests = steps.slice(0, at + 1).filter((step) => step.kind === 'field');
  const test = tests[at];
  if (test === undefined || test.not) return undefined;
  const before = tests.slice(0, at).map(({ field, not, set }) => `${field} ${not} ${set.join()}`);
  return [...before, test.field].join('|');
}

function planOf(rules: readonly CompiledRule[], stretches: readonly Stretch[]): Plan {
  const runs = new Map<number, Stretch & { readonly run: Run }>();
  const taken = new Set<number>();
  for (const stretch of stretches) {
    const { from, to } = stretch;
    if (taken.has(from) || taken.has(to - 1)) continue;
    const run = runOf(rules.slice(from, to), stretch);
    if (run === undefined) continue;
    runs.set(from, { ...stretch, run });
    for (let i = from; i < to; i++) taken.add(i);
  }
  const plan: (CompiledRule | Run)[] = [];
  for (let i = 0; i < rules.length; i++) {
    const there = runs.get(i);
    const rule = rules[i];
    if (there !== undefined) plan.push(there.run);
    else if (rule !== undefined && !taken.has(i)) plan.push(rule);
  }
  return plan;
}

function setAt(steps: CompiledRule['steps'], at: number): Intervals {
  const step = steps[at];
  return step?.kind === 'field' ? step.set : EMPTY;
}

/** `undefined`: too many rules are about one value. */
function runOf(rules: readonly CompiledRule[], { at, field }: Stretch): Run | undefined {
  const changes = new Map<Point, number[]>();
  for (const [i, { steps }] of rules.entries())
    for (const place of setAt(steps, at)) addTo(changes, place, i);
  const places = [...changes.keys()].sort((a, b) => (a < b ? -1 : 1));
  const about: (readonly number[])[] = [];
  const inside = new Set<number>();
  for (const place of places) {
    for (const i of changes.get(place) ?? []) if (!inside.delete(i)) inside.add(i);
    if (inside.size > MOST_ABOUT) return undefined;
    about.push([...inside].sort((a, b) => a - b));
  }
  const steps = rules[0]?.steps.slice(0, at) ?? [];
  const shared = steps.filter((step) => step.kind === 'field');
  return new Run({ rules, field, shared }, places, about);
}

/** Adjacent tests of fields in one rule. */

import type { CompiledRule } from './compiled-rules.js';
import type { FieldTest } from './compiled-sets.js';
import { type Flow, type Split, splitByField, valuesOf } from './flow.js';
import { intersection, isWithin } from './intervals.js';

/** The part of a flow that passes a test, and the rest. */
export function splitByTest(flow: Flow, { field, set, not }: FieldTest): Split {
  const { met, rest } = splitByField(flow, field, set);
  return not ? { met: rest, rest: met } : { met, rest };
}

/**
 * The first of several tests in a row that no packet of a flow passes. Asked before the flow is
 * split by one that some pass: the parts would only meet again behind the rule.
 */
export function unmetTest(
  { steps }: Pick<CompiledRule, 'steps'>,
  flow: Flow,
  from: number,
): number | undefined {
  if (steps[from + 1]?.kind !== 'field' || steps[from - 1]?.kind === 'field') return undefined;
  for (let i = from; ; i++) {
    const step = steps[i];
    if (step?.kind !== 'field') return undefined;
    if (isUnmet(flow, step)) return i;
  }
}

function isUnmet(flow: Flow, { field, set, not }: FieldTest): boolean {
  const now = valuesOf(flow, field);
  const isUnmet = not ? isWithin(now, set) : intersection(now, set).length === 0;
  if (isUnmet) flow.trail?.ask(field, set, not);
  return isUnmet;
}

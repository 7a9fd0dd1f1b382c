/** Which elements of a set or map the packets of a flow meet. */

import type { CompiledTest, Step } from './compiled-rules.js';
import type { CompiledElement } from './compiled-sets.js';
import { unmetTest } from './field-tests.js';
import { type Flow, splitByField, splitByGuess, valuesOf } from './flow.js';
import type { NamedSet } from './program.js';
import type { Candidates } from './rule-index.js';
import type { Usage } from './usage.js';

/** Gets a part of a flow that meets an element. */
export type ElementVisit<T = CompiledElement> = (part: Flow, element: T) => void;

/** Gives each part of a flow that meets an element to the visitor, and returns what meets none. */
export function matchElements<T extends Pick<CompiledElement, 'steps'>>(
  flow: Flow,
  elements: Candidates<T>,
  visit: ElementVisit<T>,
): readonly Flow[] {
  let open: readonly Flow[] = [flow];
  for (const element of candidatesFor(flow, elements)) {
    const left: Flow[] = [];
    for (const part of open) {
      if (unmetTest(element, part, 0) !== undefined) {
        left.push(part);
        continue;
      }
      const met = meet(part, element.steps, left);
      if (met !== undefined) visit(met, element);
    }
    open = left;
    if (open.length === 0) break;
  }
  return open;
}

/** A visitor that also records which elements of a named set are matched. */
export function recording(
  usage: Usage | undefined,
  set: NamedSet | undefined,
  visit: ElementVisit,
): ElementVisit {
  if (usage === undefined || set === undefined) return visit;
  const first = usage.enter(set, set.elements.size);
  return (part, element) => {
    const {
      position,
      steps: [step],
    } = element;
    if (position !== undefined) usage.match(first + position);
    else if (step?.kind === 'field') {
      usage.matchValues(set, step.field, valuesOf(part, step.field));
      part.trail?.match(set, step.field);
    }
    visit(part, element);
  };
}

/** The part that meets all steps of an element; the others are put to the rest. */
function meet(flow: Flow, steps: readonly CompiledTest[], rest: Flow[]): Flow | undefined {
  let met = flow;
  for (const step of steps) {
    const split =
      step.kind === 'field'
        ? splitByField(met, step.field, step.set)
        : splitByGuess(met, 'text' in step ? step.text : step.kind);
    if (split.rest !== undefined) rest.push(split.rest);
    if (split.met === undefined) return undefined;
    met = split.met;
  }
  return met;
}

/** The entries of an index that may be about a flow. */
export function candidatesFor<T extends { readonly steps: readonly Step[] }>(
  flow: Flow,
  index: Candidates<T>,
): readonly T[] {
  return index.candidates(valuesOf(flow, 'daddr'), valuesOf(flow, 'dport'), flow.trail);
}

/** Walks packets through a chain and the chains behind it, rule by rule, as the kernel does. */

import {
  askedIn,
  type ChainWalk,
  type LastAction,
  type Outlets,
  type Place,
  type Surroundings,
  type Visit,
  type WalkOptions,
} from './chain-walk.js';
import { type CompiledAction, type CompiledTest, isCompiledAction } from './compiled-rules.js';
import { partsOf, type Splitting, splitBy } from './conditions.js';
import { candidatesFor } from './elements.js';
import { endedBy, unknownEnd } from './endings.js';
import { unmetTest } from './field-tests.js';
import { called, type Ended, type Flow, noneOf, stepped, withShare } from './flow.js';
import { fraction } from './fraction.js';
import { type Lookup, lookUp } from './lookups.js';
import type { Parts } from './parts.js';
import type { Chain } from './program.js';
import type { Verdict } from './rule.js';
import { Run, withRuns } from './rule-runs.js';
import { type RunWalk, throughRun } from './run-walk.js';
import { sameState } from './same-way.js';
import { MAX_ASSUMPTIONS, WalkLimits } from './walk-limits.js';
import { write, writtenBits } from './writes.js';

/** Walks chains of one program, for one question. */
export class Walker {
  private readonly limits = new WalkLimits();
  /** From the base chain to the chain that is walked. */
  private readonly calls: Chain[] = [];
  private readonly around: Surroundings;
  private readonly visit: ((visit: Visit) => void) | undefined;
  private readonly marks: WalkOptions['marks'];
  private readonly keepsPaths: boolean;

  constructor(around: Surroundings, { visit, marks, paths = true }: WalkOptions) {
    this.around = around;
    this.visit = visit;
    this.marks = marks;
    this.keepsPaths = paths;
  }

  /** What becomes of a flow in a chain. */
  walk(chain: Chain, flow: Flow): ChainWalk {
    const ended: Ended[] = [];
    return { back: this.run(chain, flow, ended), ended };
  }

  private run(chain: Chain, flow: Flow, ended: Ended[]): readonly Flow[] {
    const fault = this.limits.jumpFault(chain, this.calls);
    if (fault !== undefined) {
      ended.push(unknownEnd(flow, fault));
      return [];
    }
    this.calls.push(chain);
    const back = this.runRules(chain, flow, ended);
    this.calls.pop();
    return back;
  }

  private runRules(chain: Chain, flow: Flow, ended: Ended[]): readonly Flow[] {
    const rules = this.around.compiler.chain(chain);
    const first = this.around.usage?.enter(chain, rules.size) ?? 0;
    const returned: Flow[] = [];
    let here: readonly Flow[] = [flow];
    const candidates = candidatesFor(flow, rules);
    // Where each rule that is met is told, they are asked one by one.
    const ordered = this.visit === undefined ? withRuns(candidates, flow) : candidates;
    for (const compiled of ordered) {
      const outlets: Outlets = { next: [], returned, ended };
      if (compiled instanceof Run) here = this.runThrough(compiled, here, chain, first, outlets);
      else {
        for (const part of here) this.step({ chain, compiled, first }, part, 0, outlets);
        here = outlets.next;
      }
      if (here.length === 0) break;
    }
    return returned.length === 0 ? here : [...returned, ...here];
  }

  private runThrough(
    run: Run,
    flows: readonly Flow[],
    chain: Chain,
    first: number,
    outlets: Outlets,
  ): readonly Flow[] {
    const at = run.shared.length + 1;
    const walk: RunWalk = {
      ...{ outlets, joins: !this.keepsPaths },
      meet: (compiled, part, to) => this.step({ chain, compiled, first }, part, at, to),
      fault: () => this.limits.stepFault(chain),
    };
    return flows.flatMap((flow) => throughRun(run, flow, walk));
  }

  private matched({ chain, compiled, first }: Place): void {
    this.visit?.({ chain, rule: compiled.rule, failed: undefined });
    this.around.usage?.match(first + compiled.position);
  }

  private step(place: Place, flow: Flow, i: number, outlets: Outlets): void {
    const step = place.compiled.steps[i];
    const fault = this.limits.stepFault(place.chain);
    if (fault !== undefined) outlets.ended.push(unknownEnd(flow, fault));
    else if (step === undefined) {
      this.matched(place);
      outlets.next.push(flow);
    } else if (isCompiledAction(step)) this.act(place, flow, i, step, outlets);
    else this.ask(place, flow, i, step, outlets);
  }

  private ask(place: Place, flow: Flow, i: number, question: CompiledTest, outlets: Outlets): void {
    const { chain, compiled } = place;
    if (question.kind === 'field' || question.kind === 'random') {
      this.split(place, flow, i, question, outlets);
      return;
    }
    if (question.kind === 'mark') this.marks?.(chain, compiled.rule, question.mask);
    const { met, rest } = partsOf(flow, askedIn(chain, question), chain, this.around);
    if (met.length === 0) this.visit?.({ chain, rule: compiled.rule, failed: i });
    if (question.kind === 'unknown-condition' && met.length > 0 && rest.length > 0)
      this.guess(place, flow, { met, rest }, i, outlets);
    else {
      for (const part of rest) outlets.next.push(part);
      for (const part of met) this.step(place, part, i + 1, outlets);
    }
  }

  private split(place: Place, flow: Flow, i: number, test: Splitting, outlets: Outlets): void {
    const { chain, compiled } = place;
    const unmet = unmetTest(compiled, flow, i);
    const { met, rest } = unmet === undefined ? splitBy(flow, test, this.around) : noneOf(flow);
    if (rest !== undefined) outlets.next.push(rest);
    if (met === undefined) this.visit?.({ chain, rule: compiled.rule, failed: unmet ?? i });
    else this.step(place, met, i + 1, outlets);
  }

  /** Both may be true; where that makes no difference, nothing has to be assumed. */
  private guess(place: Place, flow: Flow, { met, rest }: Parts, i: number, outlets: Outlets): void {
    if (flow.assumptions.length >= MAX_ASSUMPTIONS) {
      outlets.ended.push(unknownEnd(flow, 'too many unknown conditions'));
      return;
    }
    const trial: Outlets = { next: [], returned: [], ended: [] };
    for (const part of met) this.step(place, part, i + 1, trial);
    const { next, returned, ended } = trial;
    if (ended.length + returned.length === 0 && next.every((f) => sameState(f, flow))) {
      outlets.next.push(flow);
      return;
    }
    for (const part of [...rest, ...next]) outlets.next.push(part);
    for (const part of returned) outlets.returned.push(part);
    for (const part of ended) outlets.ended.push(part);
  }

  private stepped(flow: Flow, { chain, compiled }: Place): Flow {
    return this.keepsPaths ? stepped(flow, chain, compiled.rule) : flow;
  }

  private act(place: Place, flow: Flow, i: number, action: CompiledAction, outlets: Outlets): void {
    const { chain, compiled } = place;
    switch (action.kind) {
      case 'count':
        this.step(place, flow, i + 1, outlets);
        break;
      case 'set-mark':
      case 'write-mark':
      case 'untrack':
      case 'remember':
        this.marks?.(chain, compiled.rule, writtenBits(action));
        for (const written of write(
          this.stepped(flow, place),
          action,
          chain.table,
          this.around.client,
        ))
          this.step(place, written, i + 1, outlets);
        break;
      case 'lookup':
      case 'drawn-lookup':
      case 'branch':
        this.lookUp(place, flow, i, action, outlets);
        break;
      default:
        this.matched(place);
        this.end(place, this.stepped(flow, place), action, outlets);
    }
  }

  /** While elements are taken away, a number may have none: the next rule is there for that. */
  private expectChanges({ chain, compiled, first }: Place, numbers: number): void {
    const next = compiled.position + 1;
    if (numbers > 1 && next < chain.rules.length) this.around.usage?.match(first + next);
  }

  private lookUp(place: Place, flow: Flow, i: number, action: Lookup, outlets: Outlets): void {
    const { chain, compiled } = place;
    const { found, rest } = lookUp(flow, action, chain.table, this.around);
    if (found.length > 0) this.matched(place);
    for (const { flow: part, action: next } of found)
      this.end(place, this.stepped(part, place), next, outlets);
    if (action.kind === 'drawn-lookup') this.expectChanges(place, action.numbers);
    if (rest.length > 0) this.visit?.({ chain, rule: compiled.rule, failed: i });
    for (const part of rest) outlets.next.push(part);
  }

  /** What ends the walk through a rule. */
  private end(place: Place, flow: Flow, action: LastAction, outlets: Outlets): void {
    switch (action.kind) {
      case 'return':
        outlets.returned.push(flow);
        break;
      case 'jump':
      case 'goto':
        this.call(place, flow, action, outlets);
        break;
      case 'choose': {
        const { choices, numbers } = action;
        const one = fraction(1n, BigInt(numbers));
        for (const choice of choices) this.end(place, withShare(flow, one), choice, outlets);
        const missing = fraction(BigInt(numbers - choices.length), BigInt(numbers));
        if (missing.numerator > 0n) outlets.next.push(withShare(flow, missing));
        break;
      }
      default:
        for (const one of endedBy(action, flow, this.around, this.calls[0]?.base))
          outlets.ended.push(one);
    }
  }

  private call(
    { chain }: Place,
    flow: Flow,
    { kind, chain: name }: Extract<Verdict, { readonly chain: string }>,
    { next, returned, ended }: Outlets,
  ): void {
    const target = this.around.program.tables.get(chain.table)?.get(name);
    const outlet = kind === 'jump' ? next : returned;
    if (target === undefined) ended.push(unknownEnd(flow, `chain ${name} is not there`));
    else {
      const sent = this.keepsPaths ? called(flow, target) : flow;
      for (const part of this.run(target, sent, ended)) outlet.push(part);
    }
  }
}

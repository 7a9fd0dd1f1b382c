/** Walks packets through a chain and the chains behind it, rule by rule, as the kernel does. */

import { type CompiledRule, isAction, type Question } from './compiled-rules.js';
import { candidatesFor, matchElements, partsOf, type Surroundings } from './conditions.js';
import {
  called,
  type Ended,
  type Ending,
  type Flow,
  sameState,
  stepped,
  translated,
  withShare,
} from './flow.js';
import { fraction } from './fraction.js';
import type { Chain } from './program.js';
import type { Action, Rule, Verdict } from './rule.js';

/** A rule that packets met. */
export interface Visit {
  readonly chain: Chain;
  readonly rule: Rule;
  /** Position of the statement that was not met; `undefined`: all were. */
  readonly failed: number | undefined;
}

export interface ChainWalk {
  /** Parts that no rule ended. */
  readonly back: readonly Flow[];
  readonly ended: readonly Ended[];
}

/** The kernel refuses more jumps of nft than this; no iptables rules of use have more. */
const MAX_DEPTH = 64;
/** With more conditions that are not understood than this nothing can be told any more. */
const MAX_ASSUMPTIONS = 10;

/** Where the parts of a flow go from one rule. */
interface Outlets {
  /** To the next rule. */
  readonly next: Flow[];
  /** Back to the chain before. */
  readonly returned: Flow[];
  readonly ended: Ended[];
}

interface Place {
  readonly chain: Chain;
  readonly depth: number;
  readonly compiled: CompiledRule;
}

/** Walks chains of one program; `visit` is told of every rule that is met. */
export class Walker {
  private readonly around: Surroundings;
  private readonly visit: ((visit: Visit) => void) | undefined;

  constructor(around: Surroundings, visit?: (visit: Visit) => void) {
    this.around = around;
    this.visit = visit;
  }

  /** What becomes of a flow in a chain. */
  walk(chain: Chain, flow: Flow): ChainWalk {
    const ended: Ended[] = [];
    return { back: this.run(chain, flow, 0, ended), ended };
  }

  private run(chain: Chain, flow: Flow, depth: number, ended: Ended[]): readonly Flow[] {
    if (depth > MAX_DEPTH) {
      const text = `chain ${chain.name} leads to itself`;
      ended.push({ flow, ending: { kind: 'unknown', text } });
      return [];
    }
    const returned: Flow[] = [];
    let here: readonly Flow[] = [flow];
    for (const compiled of candidatesFor(flow, this.around.compiler.chain(chain))) {
      const outlets: Outlets = { next: [], returned, ended };
      for (const part of here) this.step({ chain, depth, compiled }, part, 0, outlets);
      here = outlets.next;
      if (here.length === 0) break;
    }
    return returned.length === 0 ? here : [...returned, ...here];
  }

  private step(place: Place, flow: Flow, i: number, outlets: Outlets): void {
    const { chain, compiled } = place;
    const step = compiled.steps[i];
    if (step === undefined) {
      this.visit?.({ chain, rule: compiled.rule, failed: undefined });
      outlets.next.push(flow);
    } else if (isAction(step)) {
      this.act(place, flow, i, step, outlets);
    } else {
      this.ask(place, flow, i, step, outlets);
    }
  }

  private ask(place: Place, flow: Flow, i: number, question: Question, outlets: Outlets): void {
    const { chain, compiled } = place;
    const { met, rest } = partsOf(flow, question, chain.table, this.around);
    if (met.length === 0) this.visit?.({ chain, rule: compiled.rule, failed: i });
    if (question.kind === 'unknown-condition' && met.length > 0 && rest.length > 0)
      this.guess(place, flow, met, rest, i, outlets);
    else {
      for (const part of rest) outlets.next.push(part);
      for (const part of met) this.step(place, part, i + 1, outlets);
    }
  }

  /** Both may be true; where that makes no difference, nothing has to be assumed. */
  private guess(
    place: Place,
    flow: Flow,
    met: readonly Flow[],
    rest: readonly Flow[],
    i: number,
    outlets: Outlets,
  ): void {
    if (flow.assumptions.length >= MAX_ASSUMPTIONS) {
      const text = 'too many unknown conditions';
      outlets.ended.push({ flow, ending: { kind: 'unknown', text } });
      return;
    }
    const trial: Outlets = { next: [], returned: [], ended: [] };
    for (const part of met) this.step(place, part, i + 1, trial);
    if (
      trial.ended.length + trial.returned.length === 0 &&
      trial.next.every((f) => sameState(f, flow))
    ) {
      outlets.next.push(flow);
      return;
    }
    for (const part of [...rest, ...trial.next]) outlets.next.push(part);
    for (const part of trial.returned) outlets.returned.push(part);
    for (const part of trial.ended) outlets.ended.push(part);
  }

  private act(place: Place, flow: Flow, i: number, action: Action, outlets: Outlets): void {
    const { chain, compiled } = place;
    switch (action.kind) {
      case 'count':
        this.step(place, flow, i + 1, outlets);
        break;
      case 'set-mark': {
        const mark = ((flow.mark & ~action.mask) ^ action.value) >>> 0;
        const marked = { ...stepped(flow, chain, compiled.rule), mark };
        this.step(place, marked, i + 1, outlets);
        break;
      }
      case 'remember': {
        const lists = [...flow.lists, `${chain.table} ${action.set}`];
        this.step(place, { ...stepped(flow, chain, compiled.rule), lists }, i + 1, outlets);
        break;
      }
      case 'lookup':
        this.lookUp(place, flow, i, action, outlets);
        break;
      default:
        this.visit?.({ chain, rule: compiled.rule, failed: undefined });
        this.end(place, stepped(flow, chain, compiled.rule), action, outlets);
    }
  }

  private lookUp(
    place: Place,
    flow: Flow,
    i: number,
    { map, key }: Extract<Action, { kind: 'lookup' }>,
    outlets: Outlets,
  ): void {
    const { chain, compiled } = place;
    const found = this.around.program.sets.get(`${chain.table} ${map}`);
    if (found === undefined) {
      const text = `map ${map} is not there`;
      outlets.ended.push({ flow, ending: { kind: 'unknown', text } });
      return;
    }
    const elements = this.around.compiler.set(found, key);
    const rest = matchElements(flow, elements, (met, { value }) => {
      this.visit?.({ chain, rule: compiled.rule, failed: undefined });
      const part = stepped(met, chain, compiled.rule);
      if (value === undefined || value.kind === 'data')
        outlets.ended.push({ flow: part, ending: { kind: 'unknown', text: `data of map ${map}` } });
      else this.end(place, part, value, outlets);
    });
    if (rest.length > 0) this.visit?.({ chain, rule: compiled.rule, failed: i });
    // nft ends the rule where the map holds nothing.
    for (const part of rest) outlets.next.push(part);
  }

  /** What ends the walk through a rule. */
  private end(place: Place, flow: Flow, action: LastAction, outlets: Outlets): void {
    const end = (ended: Flow, ending: Ending): void => {
      outlets.ended.push({ flow: ended, ending });
    };
    switch (action.kind) {
      case 'accept':
      case 'drop':
        end(flow, { kind: action.kind });
        break;
      case 'return':
        outlets.returned.push(flow);
        break;
      case 'jump':
      case 'goto':
        this.call(place, flow, action, outlets);
        break;
      case 'reject':
        end(flow, { kind: 'reject', with: answerText(action.with) });
        break;
      case 'dnat':
        end(translated(flow, action), { kind: 'accept' });
        break;
      case 'masquerade':
        end({ ...flow, masquerade: true }, { kind: 'accept' });
        break;
      case 'choose': {
        const one = fraction(1n, BigInt(action.choices.length));
        for (const choice of action.choices) this.end(place, withShare(flow, one), choice, outlets);
        break;
      }
      case 'unknown-action':
        end(flow, { kind: 'unknown', text: action.text });
    }
  }

  private call(
    { chain, depth }: Place,
    flow: Flow,
    { kind, chain: name }: Extract<Verdict, { readonly chain: string }>,
    { next, returned, ended }: Outlets,
  ): void {
    const target = this.around.program.chains.get(`${chain.table} ${name}`);
    if (target === undefined) {
      ended.push({ flow, ending: { kind: 'unknown', text: `chain ${name} is not there` } });
      return;
    }
    const outlet = kind === 'jump' ? next : returned;
    for (const part of this.run(target, called(flow, target), depth + 1, ended)) outlet.push(part);
  }
}

/** What may end a rule. */
type LastAction = Exclude<Action, { readonly kind: 'count' | 'set-mark' | 'remember' | 'lookup' }>;

/** `icmp-port-unreachable`, `icmp6-port-unreachable` and `icmpx port-unreachable` as one word. */
function answerText(text: string): string {
  return text.replaceAll(' ', '-').replace(/^icmp(?:v6|6|x)?-/, '');
}

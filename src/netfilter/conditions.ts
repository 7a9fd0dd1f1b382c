/** Which part of a flow meets a condition. */

import type { CompiledElement, Compiler, Question, Step } from './compiled-rules.js';
import { splitByTest, unmetTest } from './field-tests.js';
import {
  type Flow,
  noneOf,
  type Split,
  splitByField,
  splitByGuess,
  valuesOf,
  withShare,
} from './flow.js';
import { complement, type Fraction } from './fraction.js';
import type { Intervals } from './intervals.js';
import type { Program } from './program.js';
import { numbers, words } from './region.js';
import type { Condition } from './rule.js';
import type { Index } from './rule-index.js';

/** What rules ask about the machine and the client. */
export interface Surroundings {
  readonly program: Program;
  readonly compiler: Compiler;
  /** The addresses of the machine. */
  readonly local: Intervals;
  /** Addresses that are surely not its own. */
  readonly remote: Intervals;
  /** Addresses that are surely not its own where rules translate to them. */
  readonly remoteTargets: Intervals;
  /** The affinity lists that the client is on. */
  readonly client: ReadonlySet<string>;
  /** The chance that a numerator of 2^31 stands for. */
  readonly chanceOf: (numerator: number) => Fraction;
}

/** The parts of a flow that meet a condition, and those that do not. */
export interface Parts {
  readonly met: readonly Flow[];
  readonly rest: readonly Flow[];
}

function parts(met: Flow | undefined, rest: Flow | undefined): Parts {
  return { met: met === undefined ? [] : [met], rest: rest === undefined ? [] : [rest] };
}

const all = (flow: Flow): Parts => ({ met: [flow], rest: [] });
const none = (flow: Flow): Parts => ({ met: [], rest: [flow] });
const swapped = ({ met, rest }: Parts, not: boolean): Parts =>
  not ? { met: rest, rest: met } : { met, rest };

/** What splits a flow in two at most. */
export type Splitting = Extract<Question, { readonly kind: 'field' | 'random' }>;

/** Splits a flow by a test of a field, or by chance. */
export function splitBy(flow: Flow, test: Splitting, { chanceOf }: Surroundings): Split {
  if (test.kind === 'field') return splitByTest(flow, test);
  const drawn = chanceOf(test.numerator);
  const chance = test.not ? complement(drawn) : drawn;
  if (chance.numerator === 0n) return noneOf(flow);
  const rest = complement(chance);
  if (rest.numerator === 0n) return { met: flow, rest: undefined };
  return { met: withShare(flow, chance), rest: withShare(flow, rest) };
}

/** Splits a flow by any other condition of a rule in a table. */
export function partsOf(
  flow: Flow,
  question: Exclude<Question, Splitting>,
  table: string,
  around: Surroundings,
): Parts {
  switch (question.kind) {
    case 'mark': {
      const { mask, value, not } = question;
      return ((flow.mark & mask) >>> 0 === value) !== not ? all(flow) : none(flow);
    }
    case 'conntrack':
      return swapped(byConnection(flow, question.states), question.not);
    case 'address-type':
      return swapped(byAddressType(flow, question, around), question.not);
    case 'in-set':
      return swapped(bySet(flow, question, table, around), question.not);
    case 'recent':
      return swapped(byList(flow, question, around), question.not);
    case 'unknown-condition':
      return guessed(flow, question.text);
  }
}

function guessed(flow: Flow, text: string): Parts {
  // After a translation the same condition may get another answer.
  const { met, rest } = splitByGuess(flow, flow.dnat === undefined ? text : `${text}, translated`);
  return parts(met, rest);
}

const TRACKING = ['new', 'established', 'related', 'invalid', 'untracked'];
const LATER = words(['established', 'related']);

/**
 * States and statuses. What was done to the first packet of a connection that exists already is not
 * known.
 */
function byConnection(flow: Flow, states: readonly string[]): Parts {
  const tracked = states.filter((state) => TRACKING.includes(state));
  const byState = splitByField(flow, 'state', words(tracked));
  const statuses = states.filter((state) => !TRACKING.includes(state));
  if (byState.rest === undefined || statuses.length === 0) return parts(byState.met, byState.rest);
  const later = splitByField(byState.rest, 'state', LATER);
  const known = later.rest === undefined ? [] : [later.rest];
  const isMet =
    (statuses.includes('dnat') && flow.dnat !== undefined) ||
    (statuses.includes('snat') && flow.masquerade);
  const guess =
    later.met === undefined
      ? { met: [], rest: [] }
      : guessed(later.met, `status ${statuses.join()} of a connection that exists`);
  return {
    met: [
      ...(byState.met === undefined ? [] : [byState.met]),
      ...(isMet ? known : []),
      ...guess.met,
    ],
    rest: [...(isMet ? [] : known), ...guess.rest],
  };
}

function byAddressType(
  flow: Flow,
  { field, types }: Extract<Condition, { kind: 'address-type' }>,
  around: Surroundings,
): Parts {
  const [type, ...others] = types;
  if (type !== 'local' || others.length > 0)
    return guessed(flow, `${field} has type ${types.join()}`);
  return byLocal(flow, field, around);
}

/** What is assumed about an address where nobody says which ones the machine has. */
export const MACHINE_ADDRESS = 'is an address of the machine';

/** Splits a flow by whether an address is one of the machine. */
export function byLocal(
  flow: Flow,
  field: 'saddr' | 'daddr',
  { local, remote, remoteTargets }: Surroundings,
): Parts {
  const { met, rest } = splitByField(flow, field, local);
  if (rest === undefined) return parts(met, rest);
  const isTarget = field === 'daddr' && flow.dnat !== undefined;
  const { met: known, rest: open } = splitByField(rest, field, isTarget ? remoteTargets : remote);
  if (open === undefined) return parts(met, known);
  const guess = guessed(
    open,
    `whether the ${field === 'saddr' ? 'source' : 'destination'} ${MACHINE_ADDRESS}`,
  );
  return {
    met: [...(met === undefined ? [] : [met]), ...guess.met],
    rest: [...(known === undefined ? [] : [known]), ...guess.rest],
  };
}

function bySet(
  flow: Flow,
  { set, key }: Extract<Condition, { kind: 'in-set' }>,
  table: string,
  around: Surroundings,
): Parts {
  const found = around.program.sets.get(`${table} ${set}`);
  if (found === undefined) return guessed(flow, `in set ${set}, which is not in the dump`);
  if (key.join() === 'saddr') {
    flow.trail?.fork();
    if (around.client.has(`${table} ${set}`)) return byAge(flow, found.timeout);
  }
  const met: Flow[] = [];
  const rest = matchElements(flow, around.compiler.set(found, key), (part) => met.push(part));
  return { met, rest };
}

/** The client was last seen less than so many seconds ago; 0: ever. */
function byAge(flow: Flow, seconds: number): Parts {
  if (seconds === 0) return all(flow);
  const { met, rest } = splitByField(flow, 'age', numbers(0, seconds - 1));
  return parts(met, rest);
}

function byList(
  flow: Flow,
  { op, name, seconds, field }: Extract<Condition, { kind: 'recent' }>,
  { client }: Surroundings,
): Parts {
  flow.trail?.fork();
  if (field !== 'saddr') return guessed(flow, `recent ${name} by destination`);
  const remembered: Flow = { ...flow, lists: [...flow.lists, name] };
  if (op === 'set') return all(remembered);
  if (!client.has(name)) return none(flow);
  return byAge(op === 'update' ? remembered : flow, seconds);
}

/** Gives each part of a flow that meets an element to the visitor, and returns what meets none. */
export function matchElements(
  flow: Flow,
  elements: Index<CompiledElement>,
  visit: (part: Flow, element: CompiledElement) => void,
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

/** The part that meets all steps of an element; the others are put to the rest. */
function meet(flow: Flow, steps: readonly Question[], rest: Flow[]): Flow | undefined {
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
  index: Index<T>,
): readonly T[] {
  return index.candidates(valuesOf(flow, 'daddr'), valuesOf(flow, 'dport'), flow.trail);
}

/** Which part of a flow meets a condition. */

import type { CompiledElement, Compiler, Question, Step } from './compiled-rules.js';
import { byConnection, byConnectionMark, byFlags, byMark } from './connections.js';
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
import { allIf, guessed, joined, type Parts, parts, swapped } from './parts.js';
import type { Chain, Program } from './program.js';
import { multicast, numbers } from './region.js';
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

/** Splits a flow by any other condition of a rule in a chain. */
export function partsOf(
  flow: Flow,
  question: Exclude<Question, Splitting>,
  chain: Chain,
  around: Surroundings,
): Parts {
  switch (question.kind) {
    case 'mark':
      return byMark(flow, question);
    case 'connection-mark':
      return byConnectionMark(flow, question);
    case 'tcp-flags':
      return swapped(byFlags(flow, question), question.not);
    case 'elements':
      return swapped(byElements(flow, question.elements), question.not);
    case 'conntrack':
      return swapped(byConnection(flow, question.states), question.not);
    case 'address-type':
      return swapped(byAddressType(flow, question, around), question.not);
    case 'in-set':
      return swapped(bySet(flow, question, chain.table, around), question.not);
    case 'recent':
      return swapped(byList(flow, question, chain, around), question.not);
    case 'unknown-condition':
      return swapped(guessed(flow, question.text), question.not === true);
  }
}

function byElements(flow: Flow, elements: Index<CompiledElement>): Parts {
  const met: Flow[] = [];
  const rest = matchElements(flow, elements, (part) => met.push(part));
  return { met, rest };
}

function byAddressType(
  flow: Flow,
  { field, types }: Extract<Condition, { kind: 'address-type' }>,
  around: Surroundings,
): Parts {
  let open: readonly Flow[] = [flow];
  const met: (readonly Flow[])[] = [];
  for (const type of types) {
    const found = joined(open.map((part) => byOneType(part, field, type, around)));
    met.push(found.met);
    open = found.rest;
  }
  return { met: met.flat(), rest: open };
}

function byOneType(
  flow: Flow,
  field: 'saddr' | 'daddr',
  type: string,
  around: Surroundings,
): Parts {
  if (type === 'local') return byLocal(flow, field, around);
  if (type !== 'multicast') return guessed(flow, `${field} has type ${type}`);
  const { met, rest } = splitByField(flow, field, multicast(flow.region));
  return parts(met, rest);
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
  if (found.changes) return guessed(flow, `in set ${set} by ${key.join()}, which changes`);
  if (key.join() === 'saddr') {
    flow.trail?.fork();
    if (around.client.has(`${table} ${set}`)) return byAge(flow, found.timeout);
  }
  return byElements(flow, around.compiler.set(found, key));
}

/** The client was last seen less than so many seconds ago; 0: ever. */
function byAge(flow: Flow, seconds: number): Parts {
  if (seconds === 0) return allIf(true, flow);
  const { met, rest } = splitByField(flow, 'age', numbers(0, seconds - 1));
  return parts(met, rest);
}

function byList(
  flow: Flow,
  { op, name, seconds, field }: Extract<Condition, { kind: 'recent' }>,
  chain: Chain,
  { client }: Surroundings,
): Parts {
  flow.trail?.fork();
  // Where others send their packets is not known; sometimes nobody has been there before.
  if (field !== 'saddr')
    return op === 'set'
      ? allIf(true, flow)
      : guessed(flow, `recent ${name} by destination`, [false]);
  // What other programs remember is not in a dump.
  const isForeign = chain.origin === '' && chain.isForServices !== true;
  if (op !== 'set' && isForeign) return guessed(flow, `recent ${name} by source`);
  const remembered: Flow = { ...flow, lists: [...flow.lists, name] };
  if (op === 'set') return allIf(true, remembered);
  if (!client.has(name)) return allIf(false, flow);
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

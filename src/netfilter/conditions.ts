/** Which part of a flow meets a condition. */

import type { Surroundings } from './chain-walk.js';
import type { CompiledTest } from './compiled-rules.js';
import type { CompiledElement } from './compiled-sets.js';
import { byConnection, byConnectionMark, byFlags, byMark } from './connections.js';
import { matchElements, recording } from './elements.js';
import { splitByTest } from './field-tests.js';
import { type Flow, noneOf, type Split, splitByField, valuesOf, withShare } from './flow.js';
import { complement } from './fraction.js';
import { intersection } from './intervals.js';
import { LEAVING } from './links.js';
import { allIf, guessed, joined, type Parts, parts, swapped } from './parts.js';
import type { Chain, NamedSet } from './program.js';
import { multicast, numbers, onlyPoint } from './region.js';
import type { Condition } from './rule.js';
import type { Candidates } from './rule-index.js';
import type { Usage } from './usage.js';

/** What splits a flow in two at most. */
export type Splitting = Extract<CompiledTest, { readonly kind: 'field' | 'random' }>;

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
  question: Exclude<CompiledTest, Splitting>,
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
      return swapped(byConnection(flow, question), question.not);
    case 'address-type':
      return swapped(byAddressType(flow, question, around), question.not);
    case 'in-set':
      return swapped(bySet(flow, question, chain.table, around), question.not);
    case 'recent':
      return swapped(byList(flow, question, chain, around), question.not);
    case 'hairpin':
      return swapped(byHairpin(flow), question.not);
    case 'socket':
      return bySocket(flow, question);
    case 'unknown-condition':
      return swapped(guessed(flow, question.text), question.not === true);
  }
}

/** `recorded`: the set of the elements, and the usage that records which of them are matched. */
function byElements(
  flow: Flow,
  elements: Candidates<CompiledElement>,
  recorded?: { readonly usage: Usage | undefined; readonly set: NamedSet },
): Parts {
  const met: Flow[] = [];
  const take = (part: Flow): void => {
    met.push(part);
  };
  const rest = matchElements(flow, elements, recording(recorded?.usage, recorded?.set, take));
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
  if (type !== 'multicast') {
    // An address of the machine has no other type than that.
    const { met: own, rest: others } = byLocal(flow, field, around);
    const guess = joined(others.map((part) => guessed(part, `${field} has type ${type}`)));
    return { met: guess.met, rest: [...own, ...guess.rest] };
  }
  const { met, rest } = splitByField(flow, field, multicast(flow.region));
  return parts(met, rest);
}

/** What is assumed about an address where the addresses of the machine are not given. */
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
  return byElements(flow, around.compiler.set(found, key), { usage: around.usage, set: found });
}

/** The client was last seen less than so many seconds ago; 0: ever. */
function byAge(flow: Flow, seconds: number): Parts {
  if (seconds === 0) return allIf(true, flow);
  const { met, rest } = splitByField(flow, 'age', numbers(0, seconds - 1));
  return parts(met, rest);
}

/** Splits by the field that has several values, where the other one has one. */
function byHairpin(flow: Flow): Parts {
  const [sources, destinations] = [valuesOf(flow, 'saddr'), valuesOf(flow, 'daddr')];
  if (intersection(sources, destinations).length === 0) {
    flow.trail?.ask('saddr', sources, true);
    flow.trail?.ask('daddr', sources, false);
    return allIf(false, flow);
  }
  const several =
    onlyPoint(destinations) !== undefined
      ? 'saddr'
      : onlyPoint(sources) !== undefined
        ? 'daddr'
        : undefined;
  if (several === undefined) return guessed(flow, 'the source is the destination');
  flow.trail?.fork();
  const { met, rest } = splitByField(flow, several, several === 'saddr' ? destinations : sources);
  return parts(met, rest);
}

/** Before it is routed, a packet that arrives may have got the socket that it is for. */
function bySocket(flow: Flow, { text, without }: Extract<Condition, { kind: 'socket' }>): Parts {
  flow.trail?.fork();
  const isRouted = flow.link === LEAVING;
  return flow.isOwn || !isRouted ? guessed(flow, text) : allIf(without, flow);
}

function byList(
  flow: Flow,
  { op, not, name, seconds, field }: Extract<Condition, { kind: 'recent' }>,
  chain: Chain,
  { client }: Surroundings,
): Parts {
  flow.trail?.fork();
  // Which other clients were sent there before is not known; perhaps none.
  if (field !== 'saddr')
    return op === 'set'
      ? allIf(true, flow)
      : guessed(flow, `recent ${name} by destination`, [false]);
  // What other programs remember is not in a dump.
  const isForeign = chain.origin === '' && chain.isForServices !== true;
  if (op !== 'set' && isForeign) return guessed(flow, `recent ${name} by source`);
  const remembered = (part: Flow): Flow => ({ ...part, lists: [...part.lists, name] });
  if (op === 'set') return allIf(true, remembered(flow));
  if (!client.has(name)) return allIf(false, flow);
  const { met, rest } = byAge(flow, seconds);
  if (op === 'check') return { met, rest };
  // The kernel renews the time of those that match once `!` is applied (net/netfilter/xt_recent.c).
  return not ? { met, rest: rest.map(remembered) } : { met: met.map(remembered), rest };
}

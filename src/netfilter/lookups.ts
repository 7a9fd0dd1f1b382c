/** What named maps lead the parts of a flow to. */

import type { LastAction, Surroundings } from './chain-walk.js';
import type { CompiledAction } from './compiled-rules.js';
import type { CompiledElement, NumberedElements } from './compiled-sets.js';
import { matchElements, recording } from './elements.js';
import { type Flow, withShare } from './flow.js';
import { fraction } from './fraction.js';
import type { NamedSet } from './program.js';
import type { Candidates } from './rule-index.js';
import type { Usage } from './usage.js';

/** An action that looks a map up. */
export type Lookup = Extract<
  CompiledAction,
  { readonly kind: 'lookup' | 'drawn-lookup' | 'branch' }
>;

export interface LookedUp {
  /** The parts that the map holds something for, and what is to be done to each. */
  readonly found: readonly Led[];
  /** The parts that it holds nothing for: nft ends the rule there. */
  readonly rest: readonly Flow[];
}

interface Led {
  readonly flow: Flow;
  readonly action: LastAction;
}

/** Looks a map of a table up. */
export function lookUp(
  flow: Flow,
  action: Lookup,
  table: string,
  { program, compiler, usage }: Surroundings,
): LookedUp {
  if (action.kind === 'branch') return verdicts(flow, action.elements, 'a map', undefined, usage);
  const { map, key } = action;
  const set = program.sets.get(`${table} ${map}`);
  if (set === undefined || set.changes) {
    const text = `map ${map} ${set === undefined ? 'is not there' : 'changes'}`;
    return { found: [{ flow, action: { kind: 'unknown-action', text } }], rest: [] };
  }
  if (action.kind === 'lookup')
    return verdicts(flow, compiler.set(set, key), `map ${map}`, set, usage);
  const found: Led[] = [];
  const missing: Flow[] = [];
  const first = usage?.enter(set, set.elements.size) ?? 0;
  const rest = matchElements(flow, compiler.numberedSet(set, key), (part, elements) => {
    draw(part, elements, action, found, missing);
    for (const [number, { position }] of elements.numbers)
      if (number < action.numbers) usage?.match(first + position);
  });
  return { found, rest: [...rest, ...missing] };
}

/** What the elements of a map say about each part of a flow. */
function verdicts(
  flow: Flow,
  elements: Candidates<CompiledElement>,
  name: string,
  set: NamedSet | undefined,
  usage: Usage | undefined,
): LookedUp {
  const found: Led[] = [];
  const visit = recording(usage, set, (part, { value }) => {
    const isVerdict = value !== undefined && value.kind !== 'data';
    found.push({ flow: part, action: isVerdict ? value : strangeData(name) });
  });
  return { found, rest: matchElements(flow, elements, visit) };
}

/** Draws a number for each packet, and gives those of numbers that are not there to `missing`. */
function draw(
  flow: Flow,
  { numbers: known }: NumberedElements,
  { map, first, numbers }: Extract<Lookup, { readonly kind: 'drawn-lookup' }>,
  found: Led[],
  missing: Flow[],
): void {
  const part = (count: number): Flow => withShare(flow, fraction(BigInt(count), BigInt(numbers)));
  let rest = numbers;
  for (const [number, { translation }] of known) {
    const isDrawn = first <= number && number < first + numbers;
    if (!isDrawn) continue;
    rest--;
    const action: LastAction =
      translation === undefined ? strangeData(`map ${map}`) : { kind: 'dnat', translation };
    found.push({ flow: part(1), action });
  }
  if (rest > 0) missing.push(part(rest));
}

/** The data of an element is of another type than the rule uses, such as a verdict for dnat. */
function strangeData(name: string): LastAction {
  return { kind: 'unknown-action', text: `data of ${name}` };
}

/**
 * The elements of one set or map: an index of all of them, or for single addresses no more than a
 * look at their texts, as most questions are about a few of many elements.
 */

import { addTo } from '../grouping.js';
import { parseIp } from '../net/ip.js';
import { type CompiledElement, compiledElement, elementsFor } from './compiled-sets.js';
import type { Intervals, Point } from './intervals.js';
import type { NamedSet } from './program.js';
import { addressAt, onlyPoint } from './region.js';
import type { KeyField } from './rule.js';
import { type Candidates, type Index, indexOf } from './rule-index.js';
import type { Trail } from './trail.js';

/** Keys as texts, each with what it leads to; `undefined` in a set. */
type SetContents = NamedSet['elements'];

/** Elements that are looked up by the fields of a key. */
export class SetElements implements Candidates<CompiledElement> {
  private readonly elements: SetContents;
  private readonly key: readonly KeyField[];
  /** Whether the text of an address can be looked for. */
  private readonly hasText: boolean;
  private index: Index<CompiledElement> | undefined;
  private texts: Texts | undefined;

  constructor(elements: SetContents, key: readonly KeyField[]) {
    this.elements = elements;
    this.key = key;
    this.hasText = key.includes('daddr') && new Set(key).size === key.length;
  }

  candidates(
    daddr: Intervals,
    dport: Intervals,
    trail: Trail | undefined,
  ): readonly CompiledElement[] {
    const point = trail === undefined && this.hasText ? onlyPoint(daddr) : undefined;
    if (point !== undefined && this.index === undefined) return this.about(point);
    this.index ??= indexOf(elementsFor(this.elements, this.key));
    return this.index.candidates(daddr, dport, trail);
  }

  /** Those that name an address, and all that do not name a single one. */
  private about(point: Point): readonly CompiledElement[] {
    this.texts ??= textsOf(this.elements, this.key);
    const { all, byAddress, general } = this.texts;
    const positions = [...(byAddress.get(addressAt(point)) ?? []), ...general];
    return positions
      .sort((a, b) => a - b)
      .map((position) => {
        const text = all[position] ?? '';
        return compiledElement(text, this.elements.get(text), position, this.key);
      });
  }
}

/** Elements by the text of the one address that they name; `general`: of all others. */
interface Texts {
  readonly all: readonly string[];
  readonly byAddress: ReadonlyMap<string, readonly number[]>;
  readonly general: readonly number[];
}

function textsOf(elements: SetContents, key: readonly KeyField[]): Texts {
  const plain = new RegExp(`^${key.map((field) => PLAIN[field]).join(' \\. ')}$`);
  const all = [...elements.keys()];
  const byAddress = new Map<string, number[]>();
  const general: number[] = [];
  for (let position = 0; position < all.length; position++) {
    const text = all[position] ?? '';
    const { daddr, saddr } = plain.exec(text)?.groups ?? {};
    if (daddr !== undefined && isAddress(daddr) && (saddr === undefined || isAddress(saddr)))
      addTo(byAddress, daddr, position);
    else general.push(position);
  }
  return { all, byAddress, general };
}

function isAddress(text: string): boolean {
  return parseIp(text) === text;
}

/** Parts of a key that are surely understood; addresses have to be looked at once more. */
const PLAIN: Readonly<Record<KeyField, string>> = {
  daddr: '(?<daddr>[0-9a-f.:]+)',
  saddr: '(?<saddr>[0-9a-f.:]+)',
  protocol: '[a-z0-9-]+',
  dport: '[0-9]+',
  sport: '[0-9]+',
  iif: '[a-zA-Z0-9-]+',
  oif: '[a-zA-Z0-9-]+',
  state: '[a-z0-9-]+',
};

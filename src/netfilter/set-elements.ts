/**
 * The elements of one set or map: an index of all of them, or for single addresses no more than a
 * look at their texts, as most questions are about a few of many elements.
 */

import { addTo } from '../grouping.js';
import { IPV4_PATTERN, parseIp } from '../net/ip.js';
import { type CompiledElement, compiledElement, elementsFor } from './compiled-sets.js';
import type { Intervals, Point } from './intervals.js';
import type { NamedSet, PlacedElement } from './program.js';
import { addressAt, onlyPoint } from './region.js';
import type { KeyField } from './rule.js';
import { type Candidates, type Index, indexOf } from './rule-index.js';
import type { Trail } from './trail.js';

/** Keys as texts, each with what it leads to; `undefined` in a set. */
type SetContents = NamedSet['elements'];

type Contents = Pick<NamedSet, 'elements' | 'near'>;

/** Elements that are looked up by the fields of a key. */
export class SetElements implements Candidates<CompiledElement> {
  private readonly set: Contents;
  private readonly key: readonly KeyField[];
  /** Whether the text of an address can be looked for. */
  private readonly hasText: boolean;
  private index: Index<CompiledElement> | undefined;
  private texts: Texts | undefined;
  /** How often somebody asked about one address. */
  private asked = 0;

  constructor(set: Contents, key: readonly KeyField[]) {
    this.set = set;
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
    this.index ??= indexOf(elementsFor(this.set.elements, this.key));
    return this.index.candidates(daddr, dport, trail);
  }

  /** Those that name an address, and all that do not name a single one. */
  private about(point: Point): readonly CompiledElement[] {
    const elements = [...this.near(addressAt(point))].sort((a, b) => a.position - b.position);
    return elements.map(({ text, value, position }) =>
      compiledElement(text, value, position, this.key),
    );
  }

  private near(address: string): readonly PlacedElement[] {
    const isFirst = this.asked++ === 0;
    const isIndexed = this.texts !== undefined;
    const near = isIndexed || this.asked > FEW ? undefined : this.set.near?.(address, this.key);
    if (near !== undefined) return near;
    const { elements } = this.set;
    if (!isIndexed && isFirst) return elementsNear(address, elements, this.key);
    this.texts ??= textsOf(elements, this.key);
    const texts = [...(this.texts.byAddress.get(address) ?? []), ...this.texts.general];
    return texts.map(([text, position]) => ({ text, value: elements.get(text), position }));
  }
}

/** So many questions are worth no index of all elements. */
const FEW = 16;

/** The text of an element, and its place among all. */
type Place = readonly [text: string, position: number];

/** Elements by the text of the one address that they name; `general`: of all others. */
interface Texts {
  readonly byAddress: ReadonlyMap<string, readonly Place[]>;
  readonly general: readonly Place[];
}

function textsOf(elements: SetContents, key: readonly KeyField[]): Texts {
  const plain = keyPattern(key, PLAIN);
  const byAddress = new Map<string, Place[]>();
  const general: Place[] = [];
  let position = 0;
  for (const text of elements.keys()) {
    const place: Place = [text, position++];
    const address = addressIn(text, plain);
    if (address === undefined) general.push(place);
    else addTo(byAddress, address, place);
  }
  return { byAddress, general };
}

/** Those that name an address, and all that do not name a single one. */
function elementsNear(
  address: string,
  elements: SetContents,
  key: readonly KeyField[],
): readonly PlacedElement[] {
  const plain = keyPattern(key, PLAIN);
  const surelyPlain = keyPattern(key, { ...PLAIN, daddr: IPV4_PATTERN, saddr: IPV4_PATTERN });
  const found: PlacedElement[] = [];
  let position = 0;
  for (const [text, value] of elements) {
    const isOther = !text.includes(address) && surelyPlain.test(text);
    const named = isOther ? '' : (addressIn(text, plain) ?? address);
    if (named === address) found.push({ text, value, position });
    position++;
  }
  return found;
}

/** The one address that an element names; `undefined`: there may be others. */
function addressIn(text: string, plain: RegExp): string | undefined {
  const { daddr, saddr } = plain.exec(text)?.groups ?? {};
  const isPlain =
    daddr !== undefined && isAddress(daddr) && (saddr === undefined || isAddress(saddr));
  return isPlain ? daddr : undefined;
}

function keyPattern(key: readonly KeyField[], fields: Readonly<Record<KeyField, string>>): RegExp {
  return new RegExp(`^${key.map((field) => fields[field]).join(' \\. ')}$`);
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

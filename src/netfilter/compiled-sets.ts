/** Sets and maps as a walk needs them: the fields of each key as sets of points. */

import { getOrInsert } from '../grouping.js';
import { parseCidr } from '../net/cidr.js';
import { networksBetween } from '../net/cidr-set.js';
import { parseIp } from '../net/ip.js';
import { type Translation, translationTo } from './flow.js';
import { EMPTY, type Intervals, union } from './intervals.js';
import { destinationOf, type MapValue } from './program.js';
import { address, type FieldName, network, networks, numbers, prefixed, word } from './region.js';
import type { Condition, KeyField } from './rule.js';

/** The field is in the set, or with `not` is not. */
export interface FieldTest {
  readonly kind: 'field';
  readonly field: FieldName;
  readonly not: boolean;
  readonly set: Intervals;
}

/** One field of a key; or the whole key, where it is not understood. */
export type KeyQuestion = FieldTest | Extract<Condition, { readonly kind: 'unknown-condition' }>;

/** An element of a set or map: the fields of its key, and what it leads to. */
export interface CompiledElement {
  readonly steps: readonly KeyQuestion[];
  readonly value: MapValue | undefined;
  /** In its set, from 0; `undefined`: it stands for all of them. */
  readonly position: number | undefined;
}

/** Elements of a map that differ in a number alone, which is the last part of their keys. */
export interface NumberedElements {
  /** For the other parts. */
  readonly steps: readonly KeyQuestion[];
  readonly numbers: ReadonlyMap<number, NumberedElement>;
}

export interface NumberedElement {
  /** `undefined`: what it leads to is no endpoint. */
  readonly translation: Translation | undefined;
  /** In its map, from 0. */
  readonly position: number;
}

/** Keys, each with what it leads to; `undefined` in a set. */
export type Elements = Iterable<readonly [text: string, value: MapValue | undefined]>;

/** The elements of a set or map that is looked up by these fields. */
export function elementsFor(
  elements: Elements,
  key: readonly KeyField[],
): readonly CompiledElement[] {
  return onePerSet(
    Array.from(elements, ([text, value], position) => compiledElement(text, value, position, key)),
  );
}

/** One element of a set or map that is looked up by these fields. */
export function compiledElement(
  text: string,
  value: MapValue | undefined,
  position: number,
  key: readonly KeyField[],
): CompiledElement {
  return { steps: stepsOf(text, key), value, position };
}

/** The elements of a map that is looked up by these fields and a number. */
export function numberedElementsFor(
  elements: Elements,
  key: readonly KeyField[],
): readonly NumberedElements[] {
  const byFields = new Map<string, Map<number, NumberedElement>>();
  let position = 0;
  for (const [text, value] of elements) {
    const end = text.lastIndexOf(' . ');
    const fields = text.slice(0, Math.max(end, 0));
    const number = Number(text.slice(end + ' . '.length));
    const translation = value?.kind === 'data' ? translationOf(value.text) : undefined;
    const numbers = getOrInsert(byFields, fields, () => new Map<number, NumberedElement>());
    numbers.set(number, { translation, position });
    position++;
  }
  return [...byFields].map(([text, numbers]) => ({ steps: stepsOf(text, key), numbers }));
}

function translationOf(data: string): Translation | undefined {
  const destination = destinationOf(data);
  return destination && translationTo(destination);
}

/** Elements of one field that lead nowhere as one: the field is in any of them. */
function onePerSet(elements: readonly CompiledElement[]): readonly CompiledElement[] {
  const tests = elements.flatMap(({ steps: [step, ...others], value }) =>
    step?.kind === 'field' && others.length === 0 && value === undefined ? [step] : [],
  );
  const [first] = tests;
  if (first === undefined || tests.length < elements.length) return elements;
  const steps = [{ ...first, set: union(tests.map(({ set }) => set)) }];
  return [{ steps, value: undefined, position: undefined }];
}

/** The key of an element, field by field; what is not understood may be met by any packet. */
function stepsOf(text: string, key: readonly KeyField[]): readonly KeyQuestion[] {
  const parts = text.split(' . ');
  const sets = key.map((field, i) => elementValues(field, parts[i] ?? ''));
  if (parts.length !== key.length || sets.includes(undefined))
    return [{ kind: 'unknown-condition', text: `element ${text}` }];
  return key.map((field, i) => ({ kind: 'field', field, not: false, set: sets[i] ?? EMPTY }));
}

/** The values of a field that an element has; `undefined`: it is not understood. */
export function elementValues(field: FieldName, text: string): Intervals | undefined {
  if (field === 'iif' || field === 'oif')
    return text.endsWith('*') ? prefixed(text.slice(0, -1)) : word(text);
  if (field === 'protocol' || field === 'state')
    return /^[a-z0-9-]+$/.test(text) ? word(text) : undefined;
  const [first = '', last = first] = text.split('-');
  if (field === 'saddr' || field === 'daddr') return addresses(first, last);
  return /^\d+$/.test(first) && /^\d+$/.test(last)
    ? numbers(Number(first), Number(last))
    : undefined;
}

/** One address or network, or all addresses between two. */
function addresses(first: string, last: string): Intervals | undefined {
  const cidr = parseCidr(first);
  if (cidr !== undefined && first === last) return network(cidr);
  const [from, to] = [parseIp(first), parseIp(last)];
  if (from === undefined || to === undefined) return undefined;
  return first === last ? address(from) : networks(networksBetween(from, to));
}

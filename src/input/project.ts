/**
 * Cuts checked values to the fields of their shape: annotations, managedFields and whatever else
 * an object carries are dropped, so that the objects stay small. Finds misspelled fields.
 */

import { nearestName } from '../nearest-name.js';
import type { FieldPath } from './path.js';
import type { ObjectShape, RecordShape, Shape } from './shape.js';
import { isArray, isObject } from './value.js';

/** Set while projecting: whether a field was seen that the shape does not know. */
export interface Seen {
  unknown: boolean;
}

/**
 * The value with the fields of its shape, in the order of the shape, null taken for absent as the
 * API server does. The value must have passed the schema of the shape. Only own properties of
 * known names are read, so `__proto__` and its like can do nothing.
 */
export function project(shape: Shape, value: unknown, seen: Seen): unknown {
  if (shape.kind === 'object' && isObject(value)) return projectObject(shape, value, seen);
  if (shape.kind === 'array' && shape.items.kind !== 'leaf' && isArray(value)) {
    return value.map((item) => project(shape.items, item, seen));
  }
  if (shape.kind === 'record' && isObject(value)) return withZeros(shape, value);
  return value;
}

/** Go's decoder makes a null in a map the zero value: `labels: {app: null}` is `app: ""`. */
function withZeros(
  { items }: RecordShape,
  value: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (!Object.values(value).includes(null)) return value;
  const zero = items.schema.type === 'boolean' ? false : '';
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, one ?? zero]));
}

function projectObject(
  shape: ObjectShape,
  value: Readonly<Record<string, unknown>>,
  seen: Seen,
): Readonly<Record<string, unknown>> {
  if (isProjected(shape, value)) return value;
  const projected: Record<string, unknown> = {};
  let known = 0;
  for (const [name, field] of shape.fields) {
    if (!Object.hasOwn(value, name)) continue;
    known++;
    const raw = value[name];
    if (raw === null || (field.kind === 'object' && isEmpty(field, raw))) continue;
    projected[name] = field.kind === 'leaf' ? raw : project(field, raw, seen);
  }
  if (!seen.unknown && !shape.sparse) {
    const keys = Object.keys(value);
    seen.unknown = keys.length > known && keys.some((key) => !isKnown(shape, key));
  }
  return projected;
}

function isEmpty({ sparse, fields }: ObjectShape, value: unknown): boolean {
  return sparse && isObject(value) && !fields.some(([name]) => (value[name] ?? null) !== null);
}

/**
 * Whether an object has nothing but leaves of its shape, in the order of the shape, and need not
 * be copied: of ten thousand Services, a hundred thousand conditions of endpoints are such.
 */
function isProjected({ fields }: ObjectShape, value: Readonly<Record<string, unknown>>): boolean {
  let at = 0;
  for (const key in value) {
    while (at < fields.length && fields[at]?.[0] !== key) at++;
    if (fields[at]?.[1].kind !== 'leaf' || value[key] === null) return false;
    at++;
  }
  return true;
}

/**
 * The value without the `null` members of its objects: to Go's decoder they are absent. What YAML
 * aliases repeat is visited once, and may hold itself.
 */
export function withoutNulls(value: unknown): unknown {
  const visited = new Map<object, unknown>();
  const visit = (one: unknown): unknown => {
    if (typeof one !== 'object' || one === null) return one;
    const known = visited.get(one);
    if (known !== undefined) return known;
    const kept: object = isArray(one) ? [] : {};
    visited.set(one, kept);
    for (const [key, member] of Object.entries(one))
      if (member !== null || isArray(one))
        // An assignment to `__proto__` would do something else.
        Object.defineProperty(kept, key, {
          value: visit(member),
          ...{ enumerable: true, writable: true, configurable: true },
        });
    return kept;
  };
  return visit(value);
}

/** A field that is not known but close to one that is. */
export interface Misspelling {
  readonly path: FieldPath;
  readonly meant: string;
}

/** At most so many misspellings of one value are looked for. */
const MAX_MISSPELLINGS = 20;
/** Unknown fields of one object beyond this number are data, not misspellings. */
const MAX_UNKNOWN = 100;

/** The unknown fields, anywhere in the value, that look like misspellings of known ones. */
export function misspellings(shape: Shape, value: unknown): readonly Misspelling[] {
  const found: Misspelling[] = [];
  collectMisspellings(shape, value, [], found);
  return found;
}

function collectMisspellings(
  shape: Shape,
  value: unknown,
  path: FieldPath,
  found: Misspelling[],
): void {
  if (shape.kind === 'object' && isObject(value))
    for (const [key, meant] of misspelledKeys(shape, value))
      if (found.length < MAX_MISSPELLINGS) found.push({ path: [...path, key], meant });
  for (const [step, inner, member] of partsOf(shape, value))
    if (found.length < MAX_MISSPELLINGS) collectMisspellings(inner, member, [...path, step], found);
}

/** The items of a list, or the known fields that an object has, each with its shape. */
function* partsOf(
  shape: Shape,
  value: unknown,
): Generator<readonly [step: string | number, shape: Shape, value: unknown]> {
  if (shape.kind === 'array' && isArray(value))
    for (const [i, item] of value.entries()) yield [i, shape.items, item];
  if (shape.kind === 'object' && isObject(value))
    for (const [name, field] of shape.fields)
      if (Object.hasOwn(value, name)) yield [name, field, value[name]];
}

/** The keys of one object that look misspelled, each with the name that it is close to. */
function misspelledKeys(
  shape: ObjectShape,
  value: Readonly<Record<string, unknown>>,
): readonly (readonly [key: string, meant: string])[] {
  if (shape.sparse) return [];
  const known = new Map(shape.fields);
  const unknown = Object.keys(value).filter((key) => !known.has(key) && !shape.ignored.has(key));
  // Only a field that the value does not have can have been misspelled.
  const unused = [...known.keys()].filter((name) => !Object.hasOwn(value, name));
  return unknown.slice(0, MAX_UNKNOWN).flatMap((key): [string, string][] => {
    const meant = key.length > 2 ? nearestName(key, unused) : undefined;
    return meant === undefined ? [] : [[key, meant]];
  });
}

function isKnown(shape: ObjectShape, key: string): boolean {
  return shape.ignored.has(key) || shape.fields.some(([name]) => name === key);
}

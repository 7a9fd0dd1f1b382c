/**
 * Checked values -> the fields we read and nothing else: annotations, managedFields and whatever
 * a hostile file carries stay behind, and the objects are small.
 */

import { nearestName } from '../nearest-name.js';
import { isArray, isObject } from './raw-value.js';
import type { ObjectShape, Shape } from './shape.js';

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
  return value;
}

function projectObject(
  shape: ObjectShape,
  value: Readonly<Record<string, unknown>>,
  seen: Seen,
): Readonly<Record<string, unknown>> {
  const projected: Record<string, unknown> = {};
  let known = 0;
  for (const [name, field] of shape.fields) {
    if (!Object.hasOwn(value, name)) continue;
    known++;
    const raw = value[name];
    if (raw !== null) projected[name] = field.kind === 'leaf' ? raw : project(field, raw, seen);
  }
  if (!seen.unknown) {
    const keys = Object.keys(value);
    seen.unknown = keys.length > known && keys.some((key) => !isKnown(shape, key));
  }
  return projected;
}

/** A field that is not known but close to one that is. */
export interface Misspelling {
  readonly path: readonly string[];
  readonly meant: string;
}

/** The unknown fields, anywhere in the value, that look like misspellings of known ones. */
export function misspellings(
  shape: Shape,
  value: unknown,
  path: readonly string[] = [],
): readonly Misspelling[] {
  if (shape.kind === 'array' && isArray(value)) {
    return value.flatMap((item, i) => misspellings(shape.items, item, [...path, String(i)]));
  }
  if (shape.kind !== 'object' || !isObject(value)) return [];
  return Object.keys(value).flatMap((key) => {
    const field = shape.fields.find(([name]) => name === key)?.[1];
    if (field !== undefined) return misspellings(field, value[key], [...path, key]);
    const isGuessable = key.length > 2 && !shape.ignored.has(key);
    const meant = isGuessable ? nearestName(key, unusedFields(shape, value)) : undefined;
    return meant === undefined ? [] : [{ path: [...path, key], meant }];
  });
}

/** Known fields that the value does not have: only those can have been misspelled. */
function unusedFields(shape: ObjectShape, value: object): readonly string[] {
  return shape.fields.map(([name]) => name).filter((name) => !Object.hasOwn(value, name));
}

function isKnown(shape: ObjectShape, key: string): boolean {
  return shape.ignored.has(key) || shape.fields.some(([name]) => name === key);
}

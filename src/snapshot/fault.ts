/** What ajv says about a value -> one sentence that a person can act on. */

import type { ErrorObject } from 'ajv';
import { nearestName } from '../nearest-name.js';
import { isArray, isObject, quote } from './raw-value.js';
import { fieldPath, type Shape, shapeAt } from './shape.js';

/** One thing that is wrong with an object. */
export interface Fault {
  /** As kubectl writes it; `''` is the object itself. */
  readonly field: string;
  /** What is wrong, to be read after `field: `. */
  readonly message: string;
  /** The offending value as JSON; absent where a value is missing. */
  readonly value?: string;
  readonly hint?: string;
}

/** The fault behind one ajv error. The error must come from a `verbose` run over the shape's schema. */
export function faultOf(shape: Shape, error: ErrorObject): Fault {
  const steps = error.instancePath.split('/').slice(1).map(unescapeStep);
  const field = fieldPath(shape, steps);
  if (error.keyword === 'required') return missing(shape, steps, error);
  const value = quote(error.data);
  const schema = isObject(error.parentSchema) ? error.parentSchema : {};
  const hint = hintFor(error.data, schema);
  return {
    field,
    value,
    message: sentence(error, schema, value),
    ...(hint === '' ? {} : { hint }),
  };
}

function missing(shape: Shape, steps: readonly string[], error: ErrorObject): Fault {
  const name = String(error.params.missingProperty);
  const here = steps.reduce<Shape | undefined>(shapeAt, shape);
  const given = isObject(error.data) ? Object.keys(error.data) : [];
  const known = here?.kind === 'object' ? new Set(here.fields.map(([field]) => field)) : new Set();
  const misspelled = nearestName(
    name,
    given.filter((key) => !known.has(key)),
  );
  return {
    field: fieldPath(shape, [...steps, name]),
    message: 'is missing',
    ...(misspelled === undefined ? {} : { hint: `is ${quote(misspelled)} meant to be ${name}?` }),
  };
}

function sentence(
  error: ErrorObject,
  schema: Readonly<Record<string, unknown>>,
  value: string,
): string {
  const count = isArray(error.data) || typeof error.data === 'string' ? error.data.length : 0;
  switch (error.keyword) {
    case 'enum':
      return `${value} is not one of ${choices(schema).join(', ')}`;
    case 'minItems':
      return 'is empty';
    case 'maxItems':
      return `has ${count} items, more than ${schema.maxItems}`;
    case 'maxLength':
      return `has ${count} characters, more than ${schema.maxLength}`;
    default:
      return `${value} is not ${schema.description ?? typeWords(schema)}`;
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'an integer',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
};

function typeWords(schema: Readonly<Record<string, unknown>>): string {
  const values = choices(schema);
  if (values.length > 0) return `one of ${values.join(', ')}`;
  return TYPE_WORDS[String(schema.type)] ?? 'a valid value';
}

function choices(schema: Readonly<Record<string, unknown>>): readonly string[] {
  const values = schema.enum;
  return isArray(values) ? values.filter((value) => typeof value === 'string') : [];
}

function hintFor(data: unknown, schema: Readonly<Record<string, unknown>>): string {
  const types = schema.type;
  if (typeof data === 'string') {
    const meant = nearestName(data, choices(schema));
    if (meant !== undefined) return `did you mean ${meant}?`;
    const number = /^\d{1,5}$/.test(data) && String(types).includes('integer');
    if (number) return `write ${data} without quotes`;
    if (types === 'boolean' && /^(?:true|false)$/.test(data)) return `write ${data} without quotes`;
    const lower = data.toLowerCase();
    const pattern = schema.pattern;
    const cased =
      lower !== data && typeof pattern === 'string' && new RegExp(pattern, 'u').test(lower);
    return cased ? `did you mean ${lower}?` : '';
  }
  const scalar = typeof data === 'number' || typeof data === 'boolean';
  return scalar && types === 'string' ? 'put the value in quotes' : '';
}

function unescapeStep(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

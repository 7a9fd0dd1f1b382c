/** What is wrong with a value, in one vocabulary for objects, configuration and plan files. */

import { nearestName } from '../nearest-name.js';
import { type FieldPath, fieldPath, pointerPath, pointerStep } from './path.js';
import { type JsonSchema, type Shape, shapeAt } from './shape.js';
import { isArray, isObject, quote } from './value.js';

/** One thing that is wrong with a value. */
export interface Problem {
  readonly kind: 'required' | 'unknown' | 'invalid';
  readonly path: FieldPath;
  /** The path as text; `''` is the value itself. */
  readonly field: string;
  /** What is wrong, to be read after `field: value: `. */
  readonly message: string;
  /** The offending scalar as JSON; absent where a map or a list, or nothing, is there or is due. */
  readonly value?: string | undefined;
  readonly hint?: string | undefined;
}

/** `field: value: message`, each part where it is known. */
export function problemText({ field, value, message }: Problem): string {
  return [field, value ?? '', message].filter((part) => part !== '').join(': ');
}

/** A rule that one field breaks. `path` leads into a value of this shape. */
export function invalid(path: FieldPath, message: string, value?: unknown, hint?: string): Problem {
  return {
    kind: 'invalid',
    path,
    field: fieldPath(path),
    message,
    value: value === undefined ? undefined : quote(value),
    hint,
  };
}

/** A field that is missing. */
export function required(path: FieldPath, why = '', hint?: string): Problem {
  const message = why === '' ? 'is required' : `is required: ${why}`;
  return { kind: 'required', path, field: fieldPath(path), message, hint };
}

/** One keyword of a JSON schema that a value breaks, as ajv reports it. */
export interface BrokenKeyword {
  readonly keyword: string;
  /** JSON pointer to what breaks it. */
  readonly instancePath: string;
  /** The same to the keyword in the schema, as a fragment of a URI: `#/properties/spec/type`. */
  readonly schemaPath: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** The problem behind one keyword of the shape's JSON schema that a value breaks. */
export function problemOf(
  shape: Shape,
  rootSchema: JsonSchema,
  root: unknown,
  error: BrokenKeyword,
): Problem {
  const path = pointerPath(error.instancePath, shape);
  const here = path.reduce<Shape | undefined>(shapeAt, shape);
  const data = path.reduce(fieldOf, root);
  const at = (steps: FieldPath): Pick<Problem, 'path' | 'field'> => ({
    path: steps,
    field: fieldPath(steps, shape),
  });
  if (error.keyword === 'required') {
    const name = String(error.params.missingProperty);
    const hint = misspelledKey(name, data, here);
    return { kind: 'required', ...at([...path, name]), message: 'is required', hint };
  }
  if (error.keyword === 'additionalProperties') {
    const name = String(error.params.additionalProperty);
    const meant = here?.kind === 'object' ? nearestName(name, namesOf(here)) : undefined;
    return {
      kind: 'unknown',
      ...at([...path, name]),
      message: 'unknown field',
      hint: meant === undefined ? undefined : `did you mean ${meant}?`,
    };
  }
  if (error.keyword === 'discriminator' && here?.kind === 'union') {
    const value = fieldOf(data, here.tag);
    const tag = at([...path, here.tag]);
    if (value === undefined) return { kind: 'required', ...tag, message: 'is required' };
    const message = `must be one of ${Object.keys(here.variants).join(', ')}`;
    return { kind: 'invalid', ...tag, message, value: quote(value) };
  }
  const schema = schemaAround(rootSchema, error.schemaPath);
  const isScalar = typeof data !== 'object' && !/object|array/.test(String(schema.type));
  return {
    kind: 'invalid',
    ...at(path),
    message: sentence(error.keyword, data, schema),
    value: isScalar ? quote(data) : undefined,
    hint: hintFor(data, schema),
  };
}

function fieldOf(value: unknown, step: string | number): unknown {
  if (isArray(value)) return value[Number(step)];
  return isObject(value) ? value[step] : undefined;
}

/** The schema that has the keyword to which a fragment leads. */
function schemaAround(root: JsonSchema, fragment: string): JsonSchema {
  const steps = fragment.split('/').slice(1, -1).map(decodeURIComponent).map(pointerStep);
  const found = steps.reduce<unknown>(fieldOf, root);
  return isObject(found) ? found : {};
}

function namesOf(shape: Shape): readonly string[] {
  return shape.kind === 'object' ? shape.fields.map(([name]) => name) : [];
}

function misspelledKey(name: string, data: unknown, shape: Shape | undefined): string | undefined {
  const known = new Set(shape === undefined ? [] : namesOf(shape));
  const unknown = (isObject(data) ? Object.keys(data) : []).filter((key) => !known.has(key));
  const misspelled = nearestName(name, unknown);
  return misspelled === undefined ? undefined : `is ${quote(misspelled)} meant to be ${name}?`;
}

function sentence(keyword: string, data: unknown, schema: JsonSchema): string {
  switch (keyword) {
    case 'minItems':
      return 'must not be empty';
    case 'maxItems':
      return `must have at most ${schema.maxItems} items, not ${isArray(data) ? data.length : 0}`;
    case 'maxLength':
      return `must be no more than ${schema.maxLength} characters`;
    case 'type': {
      const fraction = typeof data === 'number' && String(schema.type).includes('integer');
      const wanted = schema.description ?? oneOf(schema) ?? typeWords(schema);
      return `must be ${wanted}${fraction ? '' : `, not ${typeName(data)}`}`;
    }
    default:
      return `must be ${schema.description ?? oneOf(schema) ?? limits(schema)}`;
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'a map',
  array: 'a list',
};

function typeWords({ type }: JsonSchema): string {
  const types = isArray(type) ? type : [type];
  return types.map((name) => TYPE_NAMES[String(name)] ?? String(name)).join(' or ');
}

function oneOf(schema: JsonSchema): string | undefined {
  const values = choices(schema);
  if (values.length === 0) return undefined;
  return `${values.length > 1 ? 'one of ' : ''}${values.join(', ')}`;
}

function limits({ minimum, maximum, pattern }: JsonSchema): string {
  if (minimum === undefined) return `a string that matches ${pattern}`;
  return `a whole number ${maximum === undefined ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`}`;
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (isArray(value)) return 'a list';
  if (isObject(value)) return 'a map';
  return `a ${typeof value}`;
}

function choices(schema: JsonSchema): readonly string[] {
  return isArray(schema.enum) ? schema.enum.filter((value) => value !== null).map(String) : [];
}

function hintFor(data: unknown, schema: JsonSchema): string | undefined {
  const types = String(schema.type);
  if (typeof data === 'string') {
    const meant = nearestName(data, choices(schema));
    if (meant !== undefined) return `did you mean ${meant}?`;
    const number = /^\d{1,5}$/.test(data) && types.includes('integer');
    const flag = types === 'boolean' && /^(?:true|false)$/.test(data);
    if (number || flag) return `write ${data} without quotes`;
    const lower = data.toLowerCase();
    const cased =
      lower !== data &&
      typeof schema.pattern === 'string' &&
      new RegExp(schema.pattern, 'u').test(lower);
    return cased ? `did you mean ${lower}?` : undefined;
  }
  const scalar = typeof data === 'number' || typeof data === 'boolean';
  return scalar && types === 'string' ? 'put the value in quotes' : undefined;
}

/**
 * What an object looks like, written once and used three times: as the JSON schema that ajv
 * checks, as the list of fields that are kept, and as the names that a misspelling may have meant.
 */

import type { Schema } from 'ajv';
import { plainWord } from './raw-value.js';

/** A value that is taken as it is, checked by a piece of JSON schema. */
export interface LeafShape {
  readonly kind: 'leaf';
  readonly schema: LeafSchema;
}

/** The JSON schema keywords that leaves use. `description` completes the sentence "is not ...". */
export interface LeafSchema {
  readonly type: string | readonly string[];
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly description?: string;
}

/** An object with known fields. Others are dropped. */
export interface ObjectShape {
  readonly kind: 'object';
  readonly fields: readonly (readonly [name: string, shape: Shape])[];
  readonly required: readonly string[];
  /** Fields of the Kubernetes API that mean nothing here; known, so that they are no misspellings. */
  readonly ignored: ReadonlySet<string>;
}

export interface ArrayShape {
  readonly kind: 'array';
  readonly items: Shape;
  readonly minItems: number;
  readonly maxItems: number;
}

/** A map from any string to strings: labels, selectors. */
export interface RecordShape {
  readonly kind: 'record';
}

export type Shape = LeafShape | ObjectShape | ArrayShape | RecordShape;

/** A leaf that this schema describes. */
export function leaf(schema: LeafSchema): LeafShape {
  return { kind: 'leaf', schema };
}

/** An object of these fields; `required` names those that must be there and not null. */
export function object(
  fields: Readonly<Record<string, Shape>>,
  options: { readonly required?: readonly string[]; readonly ignored?: string } = {},
): ObjectShape {
  return {
    kind: 'object',
    fields: Object.entries(fields),
    required: options.required ?? [],
    ignored: new Set(options.ignored === undefined ? [] : options.ignored.split(' ')),
  };
}

/** An array of such items. */
export function array(items: Shape, minItems = 0, maxItems = 100_000): ArrayShape {
  return { kind: 'array', items, minItems, maxItems };
}

/** A map from strings to strings. */
export const record: RecordShape = { kind: 'record' };

/**
 * The JSON schema (draft-07) of a shape. Fields that are not required may be null, as Go prints
 * what is unset; unknown fields are allowed, because every API server has more than we know.
 */
export function jsonSchema(shape: Shape, nullable = false): Exclude<Schema, boolean> {
  const orNull = nullable ? { nullable: true } : {};
  switch (shape.kind) {
    case 'leaf': {
      const values = shape.schema.enum;
      const choice = values === undefined ? {} : { enum: nullable ? [...values, null] : values };
      return { ...shape.schema, ...choice, ...orNull };
    }
    case 'record':
      return { type: 'object', additionalProperties: { type: 'string' }, ...orNull };
    case 'array':
      return {
        type: 'array',
        items: jsonSchema(shape.items),
        ...(shape.minItems > 0 ? { minItems: shape.minItems } : {}),
        maxItems: shape.maxItems,
        ...orNull,
      };
    case 'object':
      return {
        type: 'object',
        properties: Object.fromEntries(
          shape.fields.map(([name, field]) => [
            name,
            jsonSchema(field, !shape.required.includes(name)),
          ]),
        ),
        required: shape.required,
        ...orNull,
      };
  }
}

/** The shape below one step of a path, or undefined where the path leaves what is known. */
export function shapeAt(shape: Shape | undefined, step: string): Shape | undefined {
  if (shape?.kind === 'array') return shape.items;
  if (shape?.kind !== 'object') return undefined;
  return shape.fields.find(([name]) => name === step)?.[1];
}

/** A path as kubectl writes it: `spec.ports[0].port`, `metadata.labels[app.kubernetes.io/name]`. */
export function fieldPath(shape: Shape, steps: readonly string[]): string {
  let text = '';
  let here: Shape | undefined = shape;
  for (const step of steps) {
    const bracket = here?.kind === 'array' || here?.kind === 'record';
    const word = plainWord(step);
    text += bracket ? `[${word}]` : `${text === '' ? '' : '.'}${word}`;
    here = shapeAt(here, step);
  }
  return text;
}

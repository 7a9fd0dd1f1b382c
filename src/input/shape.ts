/**
 * What a value looks like, written once and used three times: as the JSON schema that ajv
 * checks, as the list of fields that are kept, and as the names that a misspelling may have meant.
 */

/** A value that is taken as it is, checked by a piece of JSON schema. */
export interface LeafShape {
  readonly kind: 'leaf';
  readonly schema: LeafSchema;
}

/** The JSON schema keywords that leaves use. `description` completes the sentence "must be ...". */
export interface LeafSchema {
  readonly type: string | readonly string[];
  readonly enum?: readonly (string | number)[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly description?: string;
}

/** An object with known fields. Others are dropped, or refused where the object is closed. */
export interface ObjectShape {
  readonly kind: 'object';
  readonly fields: readonly (readonly [name: string, shape: Shape])[];
  readonly required: readonly string[];
  /** Fields of the Kubernetes API that are not read here; known, so they are no misspellings. */
  readonly ignored: ReadonlySet<string>;
  /** Whether all other fields are known, and the object is left out where it has none of these. */
  readonly sparse: boolean;
  readonly closed: boolean;
}

/** A list whose items all have one shape. */
export interface ArrayShape {
  readonly kind: 'array';
  readonly items: Shape;
  readonly minItems: number;
  readonly maxItems: number;
}

/** A map from any key to leaves: labels, selectors, feature gates. */
export interface RecordShape {
  readonly kind: 'record';
  readonly items: LeafShape;
}

/** One of several closed objects, told apart by the value of the field `tag`. */
export interface UnionShape {
  readonly kind: 'union';
  readonly tag: string;
  readonly variants: Readonly<Record<string, ObjectShape>>;
}

export type Shape = LeafShape | ObjectShape | ArrayShape | RecordShape | UnionShape;

type Fields = Readonly<Record<string, Shape>>;

/** A JSON schema, or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A leaf that this schema describes. */
export function leaf(schema: LeafSchema): LeafShape {
  return { kind: 'leaf', schema };
}

/** A string that is one of these. */
export function choice(...values: readonly string[]): LeafShape {
  return leaf({ type: 'string', enum: values });
}

/**
 * An open object; fields named in `required` must be there and not null, `ignored` ones are known.
 */
export function object(
  fields: Fields,
  options: { readonly required?: readonly string[]; readonly ignored?: string } = {},
): ObjectShape {
  return {
    kind: 'object',
    fields: Object.entries(fields),
    required: options.required ?? [],
    ignored: new Set(options.ignored === undefined ? [] : options.ignored.split(' ')),
    sparse: false,
    closed: false,
  };
}

/** An object of which only these fields are kept; any others may be there. */
export function sparse(fields: Fields): ObjectShape {
  return { ...object(fields), sparse: true };
}

/** An object that may have no other fields than these. */
export function closed(required: Fields, optional: Fields = {}): ObjectShape {
  const shape = object({ ...required, ...optional }, { required: Object.keys(required) });
  return { ...shape, closed: true };
}

/** A list of such items. */
export function array(items: Shape, minItems = 0, maxItems = 100_000): ArrayShape {
  return { kind: 'array', items, minItems, maxItems };
}

/** A map from strings to such leaves; null stands for the zero value, as in Go's maps. */
export function record(items: LeafShape): RecordShape {
  return { kind: 'record', items };
}

/** One of these closed objects; each gets the field `tag`, which holds its key. */
export function taggedUnion(
  tag: string,
  variants: Readonly<Record<string, ObjectShape>>,
): UnionShape {
  const tagged = Object.entries(variants).map(([name, { fields, required }]) => [
    name,
    {
      ...closed({ [tag]: choice(name) }),
      fields: [[tag, choice(name)], ...fields],
      required: [tag, ...required],
    },
  ]);
  return { kind: 'union', tag, variants: Object.fromEntries(tagged) };
}

/**
 * The JSON schema (draft-07) of a shape. Fields of open objects that are not required may be null,
 * as Go prints what is unset, and unknown ones are allowed: every API server has more than we know.
 */
export function jsonSchema(shape: Shape, nullable = false): JsonSchema {
  const orNull = nullable ? { nullable: true } : {};
  switch (shape.kind) {
    case 'leaf': {
      const values = shape.schema.enum;
      const allowed = values === undefined ? {} : { enum: nullable ? [...values, null] : values };
      return { ...shape.schema, ...allowed, ...orNull };
    }
    case 'record':
      return { type: 'object', additionalProperties: jsonSchema(shape.items, true), ...orNull };
    case 'array':
      return {
        type: 'array',
        items: jsonSchema(shape.items),
        ...(shape.minItems > 0 ? { minItems: shape.minItems } : {}),
        maxItems: shape.maxItems,
        ...orNull,
      };
    case 'union':
      return {
        type: 'object',
        discriminator: { propertyName: shape.tag },
        oneOf: Object.values(shape.variants).map((variant) => jsonSchema(variant)),
      };
    case 'object':
      return {
        type: 'object',
        properties: Object.fromEntries(
          shape.fields.map(([name, field]) => [
            name,
            jsonSchema(field, !shape.closed && !shape.required.includes(name)),
          ]),
        ),
        required: shape.required,
        ...(shape.closed ? { additionalProperties: false } : {}),
        ...orNull,
      };
  }
}

/** The shape below one step of a path, or undefined where the path leaves what is known. */
export function shapeAt(shape: Shape | undefined, step: string | number): Shape | undefined {
  switch (shape?.kind) {
    case 'array':
    case 'record':
      return shape.items;
    case 'object':
      return shape.fields.find(([name]) => name === step)?.[1];
    case 'union':
      return Object.values(shape.variants)
        .map((variant) => shapeAt(variant, step))
        .find((found) => found !== undefined);
    default:
      return undefined;
  }
}

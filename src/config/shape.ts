/** Checks a configuration value against its closed schema and says in words what is wrong. */

import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { showValue } from '../diagnostics.js';
import { nearestName } from '../nearest-name.js';
import type { FieldPath } from './document.js';

/** Something wrong with one field, before it has a place in a file. */
export interface Finding {
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'note';
  readonly path: FieldPath;
  /** Whether the key itself is wrong, not its value. */
  readonly atKey?: boolean;
  readonly message: string;
  readonly value?: unknown;
  readonly hint?: string;
}

const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true, verbose: true });

/** A compiled check; the type is what the schema guarantees. */
export function compileShape<T>(schema: object): ValidateFunction<T> {
  return ajv.compile<T>(schema);
}

/** The errors of the last failed check in words, in the order of the schema's own report. */
export function shapeFindings(validate: ValidateFunction<unknown>): readonly Finding[] {
  return (validate.errors ?? []).map(finding);
}

/** The value without the `null` members of its objects: to Go's decoder they are absent. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutNulls(member)]));
}

/** The value without one member of one of its objects; the original is not touched. */
export function withoutMember(value: unknown, path: FieldPath): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(value)) {
    return value.map((item, index) => (index === step ? withoutMember(item, rest) : item));
  }
  if (!isRecord(value)) return value;
  const members = Object.entries(value).flatMap(([key, member]): [string, unknown][] => {
    if (key !== step) return [[key, member]];
    return rest.length === 0 ? [] : [[key, withoutMember(member, rest)]];
  });
  return Object.fromEntries(members);
}

/** A field as kubectl writes it: `spec.ports[0].port`. */
export function fieldName(path: FieldPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

/** Whether the value is a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function finding(error: ErrorObject): Finding {
  const path = pathOf(error.instancePath);
  const params: Readonly<Record<string, unknown>> = error.params;
  if (error.keyword === 'additionalProperties') {
    const name = String(params.additionalProperty);
    const known = isRecord(error.parentSchema?.properties)
      ? Object.keys(error.parentSchema.properties)
      : [];
    const near = nearestName(name, known);
    const hint = near === undefined ? '' : `did you mean ${near}?`;
    return {
      code: 'config-unknown-field',
      severity: 'error',
      path: [...path, name],
      atKey: true,
      message: 'unknown field',
      ...(hint === '' ? {} : { hint }),
    };
  }
  if (error.keyword === 'required') {
    const missing = [...path, String(params.missingProperty)];
    return {
      code: 'config-missing-field',
      severity: 'error',
      path: missing,
      message: 'is required',
    };
  }
  return {
    code: 'config-wrong-type',
    severity: 'error',
    path,
    message: expectation(error),
    value: error.data,
  };
}

function expectation(error: ErrorObject): string {
  const params: Readonly<Record<string, unknown>> = error.params;
  if (error.keyword === 'type') {
    const wanted = `must be ${typeNames(params.type)}`;
    const fraction = typeof error.data === 'number' && params.type === 'integer';
    return fraction ? wanted : `${wanted}, not ${kindOf(error.data)}`;
  }
  if (error.keyword === 'enum') return `must be one of ${showValue(params.allowedValues)}`;
  return error.message ?? 'is not allowed';
}

function typeNames(type: unknown): string {
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  return types.map((name) => TYPE_NAMES[String(name)] ?? String(name)).join(' or ');
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  array: 'a list',
  object: 'a map',
};

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'number') return 'a number';
  return typeof value === 'boolean' ? 'a boolean' : `a ${typeof value}`;
}

function pathOf(pointer: string): FieldPath {
  const steps = pointer.split('/').slice(1);
  return steps
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

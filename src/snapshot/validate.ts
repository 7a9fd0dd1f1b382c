/**
 * One raw object -> one typed object, or what is wrong with it. ajv decides; the sentences
 * are ours. The first pass stops at the first fault, so good objects cost least; only a bad
 * object is looked at again for all its faults.
 */

import { Ajv, type ValidateFunction } from 'ajv';
import type { ObjectRef } from '../diagnostics.js';
import { type Fault, faultOf } from './fault.js';
import { project, type Seen } from './project.js';
import { isObject, plainWord } from './raw-value.js';
import { checkRules } from './rules.js';
import { jsonSchema } from './shape.js';
import { API_VERSIONS, type Kind, SHAPES } from './shapes.js';
import type { KubernetesObject } from './types.js';

/** What checking one raw object gave. */
export type Checked =
  | { readonly object: KubernetesObject; readonly unknownFields: boolean }
  | { readonly faults: readonly Fault[] };

/** At most this many faults are told of one object. */
const MAX_FAULTS = 20;

const options = { strict: true, allowUnionTypes: true } as const;
const first = new Ajv(options);
const all = new Ajv({ ...options, allErrors: true, verbose: true });

/** Compiled on first use: a run without Pods never pays for their schema. */
const compiled = new Map<string, ValidateFunction>();

function validator(kind: Kind, ajv: Ajv): ValidateFunction {
  const key = `${kind} ${ajv === first}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const made = ajv.compile(jsonSchema(SHAPES[kind]));
  compiled.set(key, made);
  return made;
}

/** The typed object that a raw value of this kind is, cut to the fields we read; or its faults. */
export function checkObject(kind: Kind, raw: unknown): Checked {
  if (!validator(kind, first)(raw)) return { faults: schemaFaults(kind, raw) };
  const seen: Seen = { unknown: false };
  const object = brand(kind, project(SHAPES[kind], raw, seen));
  const faults = checkRules(object);
  return faults.length > 0
    ? { faults: faults.slice(0, MAX_FAULTS) }
    : { object, unknownFields: seen.unknown };
}

/** The one place where a checked value gets its type. */
function brand(kind: Kind, projected: unknown): KubernetesObject {
  const fields = isObject(projected) ? projected : {};
  const metadata = isClusterScoped(kind) ? fields.metadata : withNamespace(fields.metadata);
  const endpoints = kind === 'EndpointSlice' ? { endpoints: fields.endpoints ?? [] } : {};
  const whole = { apiVersion: API_VERSIONS[kind], kind, ...fields, ...endpoints, metadata };
  return whole as unknown as KubernetesObject;
}

/** Metadata of a namespaced object; without a namespace, or with an empty one, it is in `default`. */
function withNamespace(metadata: unknown): unknown {
  if (!isObject(metadata) || (metadata.namespace ?? '') !== '') return metadata;
  return { ...metadata, namespace: 'default' };
}

function isClusterScoped(kind: Kind): boolean {
  return kind === 'Node' || kind === 'ServiceCIDR';
}

function schemaFaults(kind: Kind, raw: unknown): readonly Fault[] {
  const validate = validator(kind, all);
  validate(raw);
  const faults = new Map<string, Fault>();
  for (const error of validate.errors ?? []) {
    const fault = faultOf(SHAPES[kind], error);
    if (!faults.has(fault.field)) faults.set(fault.field, fault);
    if (faults.size === MAX_FAULTS) break;
  }
  return [...faults.values()];
}

/** What to call an object that may have anything for a name; control characters are escaped. */
export function rawRef(kind: Kind, raw: unknown): ObjectRef {
  const metadata = isObject(raw) && Object.hasOwn(raw, 'metadata') ? raw.metadata : undefined;
  const own = (key: string): string => {
    const text = isObject(metadata) && Object.hasOwn(metadata, key) ? metadata[key] : undefined;
    return typeof text === 'string' && text !== '' ? plainWord(text) : '';
  };
  const namespace = isClusterScoped(kind) ? '' : own('namespace') || 'default';
  return { kind, namespace, name: own('name') };
}

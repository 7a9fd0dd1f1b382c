/** Makes a typed object of a raw one, or says what is wrong with it. */

import type { ObjectRef } from '../diagnostics.js';
import type { Problem } from '../input/problem.js';
import { project, type Seen } from '../input/project.js';
import { MAX_PROBLEMS, type ShapeCheck, shapeCheck } from '../input/shape-check.js';
import { isObject, plainWord } from '../input/value.js';
import { checkRules } from './rules.js';
import { API_VERSIONS, type Kind, SHAPES } from './shapes.js';
import type { KubernetesObject } from './types.js';

/** What checking one raw object gave. */
export type Checked =
  | { readonly object: KubernetesObject; readonly unknownFields: boolean }
  | { readonly problems: readonly Problem[] };

const checks = new Map<Kind, ShapeCheck<unknown>>();

function checkOf(kind: Kind): ShapeCheck<unknown> {
  const check = checks.get(kind) ?? shapeCheck(SHAPES[kind]);
  checks.set(kind, check);
  return check;
}

/** The typed object that a raw value of this kind is, cut to the fields we read; or its problems. */
export function checkObject(kind: Kind, raw: unknown): Checked {
  const check = checkOf(kind);
  if (!check.passes(raw)) return { problems: check.problems(raw) };
  const seen: Seen = { unknown: false };
  const object = brand(kind, project(SHAPES[kind], raw, seen));
  const problems = checkRules(object);
  return problems.length > 0
    ? { problems: problems.slice(0, MAX_PROBLEMS) }
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

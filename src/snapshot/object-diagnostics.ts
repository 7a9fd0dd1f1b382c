/** Diagnostics about one object, and the Service that an object belongs to. */

import { type Diagnostic, isServiceName, type ObjectRef } from '../diagnostics.js';
import { type Problem, problemText } from '../input/problem.js';
import { isObject } from '../input/value.js';
import type { Kind } from './shapes.js';
import {
  EVERY_OTHER_SERVICE,
  type KubernetesObject,
  type NamespacedName,
  objectRef,
  SERVICE_NAME_LABEL,
} from './types.js';
import { rawRef } from './validate.js';

/** An object as sentences name it: `Service shop/web`, `Node worker-1`. */
export function refText(ref: {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}): string {
  const name = ref.name === '' ? '(no name)' : ref.name;
  return `${ref.kind} ${ref.namespace === '' ? '' : `${ref.namespace}/`}${name}`;
}

/** One error per problem of an object that is left out. */
export function refusedDiagnostics(
  ref: ObjectRef,
  problems: readonly Problem[],
): readonly Diagnostic[] {
  return problems.map((problem) => ({
    code: 'invalid-object',
    severity: 'error',
    message: `${refText(ref)} left out: ${problemText(problem)}`,
    object: ref,
    ...placeOf(problem),
  }));
}

/** At most this many endpoints of one object are named. */
const MAX_LEFT_OUT = 5;

/** One warning for each of the first endpoints that were left out, and one with their number. */
export function leftOutDiagnostics(
  ref: ObjectRef,
  problems: readonly Problem[],
): readonly Diagnostic[] {
  const warnings = problems.slice(0, MAX_LEFT_OUT).map(
    (problem): Diagnostic => ({
      code: 'invalid-endpoint',
      severity: 'warning',
      message: `${refText(ref)}: endpoint left out: ${problemText(problem)}`,
      object: ref,
      ...placeOf(problem),
    }),
  );
  const more = problems.length - warnings.length;
  if (more === 0) return warnings;
  const message = `${refText(ref)}: ${more} more endpoints left out for such reasons`;
  return [...warnings, { code: 'invalid-endpoint', severity: 'warning', message, object: ref }];
}

/** One warning per doubt about an object that is kept. */
export function doubtDiagnostics(
  ref: ObjectRef,
  doubts: readonly Problem[],
): readonly Diagnostic[] {
  return doubts.map((problem) => ({
    code: 'doubtful-field',
    severity: 'warning',
    message: `${refText(ref)}: ${problemText(problem)}`,
    object: ref,
    ...placeOf(problem),
  }));
}

/** A note about an object, or about one field of it. */
export function note(
  code: string,
  object: KubernetesObject,
  message: string,
  field = '',
): Diagnostic {
  const ref = objectRef(object);
  const text = `${refText(ref)}: ${field === '' ? '' : `${field}: `}${message}`;
  const diagnostic = { code, severity: 'note', message: text, object: ref } as const;
  return field === '' ? diagnostic : { ...diagnostic, field };
}

function placeOf({ field, value, hint }: Problem): Pick<Diagnostic, 'field' | 'value' | 'hint'> {
  return {
    ...(field === '' ? {} : { field }),
    ...(value === undefined ? {} : { value }),
    ...(hint === undefined ? {} : { hint }),
  };
}

/**
 * The Service that a refused object belongs to, if its metadata names one. Under a name that no
 * Service can have, any Service may be meant.
 */
export function serviceOfRaw(ref: ObjectRef, raw: unknown): NamespacedName | undefined {
  switch (ref.kind) {
    case 'Service':
    case 'Endpoints':
      return named(ref.namespace, ref.name);
    case 'EndpointSlice': {
      const metadata = isObject(raw) ? raw.metadata : undefined;
      if (!isObject(metadata)) return EVERY_OTHER_SERVICE;
      const name = isObject(metadata.labels) ? metadata.labels[SERVICE_NAME_LABEL] : undefined;
      if (typeof name !== 'string' || name === '') return undefined;
      return named(ref.namespace, name);
    }
    default:
      return undefined;
  }
}

/** A Service; any, where none can have that name or that namespace. */
function named(namespace: string, name: string): NamespacedName {
  const isNamed = isServiceName(name) && isServiceName(namespace);
  return isNamed ? `${namespace}/${name}` : EVERY_OTHER_SERVICE;
}

/**
 * The Service that an object of an unknown kind may belong to: the one that its label names, else
 * the one of its own name. Without a name it may be any Service.
 */
export function serviceMeant(kind: Kind | undefined, raw: unknown): NamespacedName | undefined {
  if (kind !== undefined) return serviceOfRaw(rawRef(kind, raw), raw);
  const ofSlice = serviceOfRaw(rawRef('EndpointSlice', raw), raw);
  return ofSlice ?? serviceOfRaw(rawRef('Service', raw), raw);
}

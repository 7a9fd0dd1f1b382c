/** What is wrong or doubtful about one object, as diagnostics that name it, and which Service it is about. */

import type { Diagnostic, ObjectRef } from '../diagnostics.js';
import type { Fault } from './fault.js';
import { isObject } from './raw-value.js';
import { checkDoubts } from './rules.js';
import {
  type KubernetesObject,
  type NamespacedName,
  objectRef,
  SERVICE_NAME_LABEL,
} from './types.js';

/** An object as sentences name it: `Service shop/web`, `Node worker-1`. */
export function refText(ref: {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}): string {
  const name = ref.name === '' ? '(no name)' : ref.name;
  return `${ref.kind} ${ref.namespace === '' ? '' : `${ref.namespace}/`}${name}`;
}

/** One error per fault of an object that is left out. */
export function refusedDiagnostics(
  ref: ObjectRef,
  faults: readonly Fault[],
): readonly Diagnostic[] {
  return faults.map(({ field, message, value, hint }) => ({
    code: 'invalid-object',
    severity: 'error',
    message: `${refText(ref)} left out: ${field === '' ? '' : `${field}: `}${message}`,
    object: ref,
    ...(field === '' ? {} : { field }),
    ...(value === undefined ? {} : { value }),
    ...(hint === undefined ? {} : { hint }),
  }));
}

/** One warning per doubt about an object that is kept. */
export function doubtDiagnostics(object: KubernetesObject): readonly Diagnostic[] {
  const ref = objectRef(object);
  return checkDoubts(object).map(({ field, message, value, hint }) => ({
    code: 'doubtful-field',
    severity: 'warning',
    message: `${refText(ref)}: ${field}: ${message}`,
    object: ref,
    field,
    ...(value === undefined ? {} : { value }),
    ...(hint === undefined ? {} : { hint }),
  }));
}

/** The Service that an object is about that was refused, as far as it can be told. */
export function serviceOfRaw(ref: ObjectRef, raw: unknown): NamespacedName | undefined {
  switch (ref.kind) {
    case 'Service':
    case 'Endpoints':
      return `${ref.namespace}/${ref.name}`;
    case 'EndpointSlice': {
      const metadata = isObject(raw) ? raw.metadata : undefined;
      const labels = isObject(metadata) ? metadata.labels : undefined;
      const name = isObject(labels) ? labels[SERVICE_NAME_LABEL] : undefined;
      return typeof name === 'string' ? `${ref.namespace}/${name}` : undefined;
    }
    default:
      return undefined;
  }
}

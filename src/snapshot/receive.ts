/** Takes one object of an API server's list or watch: checked and cut to the fields we read. */

import type { Diagnostic, ObjectRef } from '../diagnostics.js';
import { isObject } from '../input/value.js';
import { serviceOfSlice } from './index-objects.js';
import { doubtDiagnostics, refusedDiagnostics, serviceOfRaw } from './object-diagnostics.js';
import type { Kind } from './shapes.js';
import { type KubernetesObject, type NamespacedName, namespacedName, objectRef } from './types.js';
import { checkObject, rawRef } from './validate.js';

/** One received object. */
export interface Received {
  readonly ref: ObjectRef;
  /** Absent where it was refused. */
  readonly object?: KubernetesObject;
  /** The Service that it is about, if any. */
  readonly service?: NamespacedName;
  /** Milliseconds of the epoch; see {@link triggerTime}. */
  readonly triggered?: number;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Checks one raw object. Never throws: what is wrong is a diagnostic, and the name is all that is
 * kept.
 */
export function receive(kind: Kind, raw: unknown): Received {
  const checked = checkObject(kind, raw, true);
  if ('problems' in checked) {
    const ref = rawRef(kind, raw);
    const service = serviceOfRaw(ref, raw);
    const diagnostics = refusedDiagnostics(ref, checked.problems);
    return { ref, diagnostics, ...(service === undefined ? {} : { service }) };
  }
  const { object } = checked;
  const service = serviceOf(object);
  const triggered = kind === 'EndpointSlice' ? triggerTime(raw) : undefined;
  return {
    ref: objectRef(object),
    object,
    diagnostics: doubtDiagnostics(objectRef(object), checked.doubts),
    ...(service === undefined ? {} : { service }),
    ...(triggered === undefined ? {} : { triggered }),
  };
}

function serviceOf(object: KubernetesObject): NamespacedName | undefined {
  if (object.kind === 'Service') return namespacedName(object.metadata);
  return object.kind === 'EndpointSlice' ? serviceOfSlice(object) : undefined;
}

const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';

/**
 * When the Pod or Service changed that this slice was written for, in milliseconds of the epoch;
 * not every slice says.
 */
function triggerTime(raw: unknown): number | undefined {
  const metadata = isObject(raw) ? raw.metadata : undefined;
  const annotations = isObject(metadata) ? metadata.annotations : undefined;
  const text = isObject(annotations) ? annotations[TRIGGER_TIME] : undefined;
  const time = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

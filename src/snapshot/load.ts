/**
 * Loads a typed Snapshot from untrusted text: reads it, finds the objects, checks each, fills in
 * what an API server would add, and indexes. Never throws because of its input; what is wrong is a
 * diagnostic.
 */

import type { Diagnostic } from '../diagnostics.js';
import { readSource } from '../input/documents.js';
import { fieldPath } from '../input/path.js';
import { misspellings } from '../input/project.js';
import type { Source } from '../input/source.js';
import { isObject } from '../input/value.js';
import type { Cidr } from '../net/cidr.js';
import { completeObjects } from './complete/complete.js';
import { indexSnapshot, serviceOfSlice } from './index-objects.js';
import { child } from './name-rules.js';
import {
  doubtDiagnostics,
  leftOutDiagnostics,
  refText,
  refusedDiagnostics,
  serviceMeant,
  serviceOfRaw,
} from './object-diagnostics.js';
import { type Found, findObjects, type Origin } from './objects.js';
import { type Kind, SHAPES } from './shapes.js';
import {
  type EndpointSlice,
  type Endpoints,
  EVERY_OTHER_SERVICE,
  type KubernetesObject,
  type NamespacedName,
  namespacedName,
  objectRef,
  type Snapshot,
} from './types.js';
import { checkObject, rawRef } from './validate.js';
import { NO_WORKLOADS, type PodMaker, podMaker, type Workloads } from './workloads.js';

export interface InputOptions {
  /**
   * Where ClusterIPs come from when objects lack them; the first one's family is the primary one.
   */
  readonly serviceCidrs?: readonly Cidr[];
  /** Which annotations of Services {@link LoadedSnapshot.annotations} has; absent: none. */
  readonly wantsAnnotation?: ((key: string, value: string) => boolean) | undefined;
  /** Whether {@link LoadedSnapshot.workloads} are kept. */
  readonly workloads?: boolean;
}

/** Where everything came from, for `locate`. */
export interface Origins {
  /** By {@link originKey}. */
  readonly objects: ReadonlyMap<string, Origin>;
  /** Of findings about objects that were left out, or are there twice. */
  readonly findings: ReadonlyMap<Diagnostic, Origin>;
}

export interface LoadedSnapshot {
  readonly snapshot: Snapshot;
  readonly diagnostics: readonly Diagnostic[];
  readonly origins: Origins;
  /**
   * Services of which an object was left out: the Service, one of its slices or its Endpoints.
   * The snapshot is incomplete for them, so apply and agent leave their rules as they are.
   * {@link EVERY_OTHER_SERVICE} is among them if an object without a readable name was left out.
   */
  readonly incomplete: ReadonlySet<NamespacedName>;
  /** Slices without the label that names a Service, and Endpoints without their Service. */
  readonly unclaimed: readonly (EndpointSlice | Endpoints)[];
  /** By {@link originKey}. Kept beside the objects, because no rule depends on them. */
  readonly annotations: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Empty unless asked for. */
  readonly workloads: Workloads;
}

/** The key of an object in {@link Origins.objects}. */
export function originKey(ref: {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}): string {
  return `${ref.kind} ${ref.namespace}/${ref.name}`;
}

/** Whether no Service of the snapshot can use this slice or Endpoints object. */
function isUnclaimed(
  object: KubernetesObject,
  { services }: Snapshot,
): object is EndpointSlice | Endpoints {
  if (object.kind === 'EndpointSlice') return serviceOfSlice(object) === undefined;
  return object.kind === 'Endpoints' && !services.has(namespacedName(object.metadata));
}

interface Loading {
  readonly objects: Map<string, KubernetesObject>;
  readonly origins: Map<string, Origin>;
  readonly findings: Map<Diagnostic, Origin>;
  readonly skippedKinds: Map<string, number>;
  readonly incomplete: Set<NamespacedName>;
  readonly diagnostics: Diagnostic[];
  readonly annotations: Map<string, Readonly<Record<string, string>>>;
  readonly wantsAnnotation: InputOptions['wantsAnnotation'];
  /** `undefined` where they are not asked for. */
  readonly makers: PodMaker[] | undefined;
}

/**
 * The snapshot that these sources hold together, with a diagnostic for everything that was left
 * out, is doubtful or was filled in. Of two objects with the same kind, namespace and name the
 * last one counts, as with `kubectl apply`.
 */
export function loadSnapshot(
  sources: readonly Source[],
  options: InputOptions = {},
): LoadedSnapshot {
  const loading: Loading = {
    objects: new Map(),
    origins: new Map(),
    findings: new Map(),
    skippedKinds: new Map(),
    incomplete: new Set(),
    diagnostics: [],
    annotations: new Map(),
    wantsAnnotation: options.wantsAnnotation,
    makers: options.workloads === true ? [] : undefined,
  };
  for (const [index, source] of sources.entries()) loadSource(source, index, loading);
  const objects = [...loading.objects.values()];
  const completed = completeObjects(objects, options.serviceCidrs ?? []);
  const snapshot = indexSnapshot(completed, loading.skippedKinds);
  return {
    snapshot,
    diagnostics: [...loading.diagnostics, ...completed.diagnostics],
    unclaimed: objects.filter((object) => isUnclaimed(object, snapshot)),
    origins: { objects: loading.origins, findings: loading.findings },
    incomplete: loading.incomplete,
    annotations: loading.annotations,
    workloads:
      loading.makers === undefined
        ? NO_WORKLOADS
        : { pods: objects.filter((object) => object.kind === 'Pod'), makers: loading.makers },
  };
}

function loadSource(source: Source, index: number, loading: Loading): void {
  const { documents, diagnostics } = readSource(source);
  for (const diagnostic of diagnostics) {
    loading.diagnostics.push(diagnostic);
    // A document that cannot be read may hold any Service.
    if (diagnostic.severity === 'error') loading.incomplete.add(EVERY_OTHER_SERVICE);
  }
  for (const { value, syntax, start, end } of documents) {
    const origin = { source: index, syntax, start, end, path: [] };
    findObjects(value, origin, (found, where) => {
      if (found.is === 'object') loadObject(found, where, loading, source.stored === true);
      else if (found.is === 'problem') refuseUnknown(found, where, loading);
      else skipObject(found, loading);
    });
  }
}

function skipObject(
  { type, raw }: Extract<Found, { readonly is: 'other' }>,
  { skippedKinds, makers }: Loading,
): void {
  skippedKinds.set(type, (skippedKinds.get(type) ?? 0) + 1);
  const maker = makers === undefined ? undefined : podMaker(type, raw);
  if (maker !== undefined) makers?.push(maker);
}

/** Leaves out what is no object of a known kind, and remembers which Service it may be about. */
function refuseUnknown(
  { code, message, hint, meant, raw }: Extract<Found, { readonly is: 'problem' }>,
  origin: Origin,
  loading: Loading,
): void {
  const service = serviceMeant(meant, raw);
  if (service !== undefined) loading.incomplete.add(service);
  const diagnostic = { code, severity: 'error', message } as const;
  report(loading, origin, hint === undefined ? diagnostic : { ...diagnostic, hint });
}

function loadObject(
  { kind, raw }: Extract<Found, { readonly is: 'object' }>,
  origin: Origin,
  loading: Loading,
  stored: boolean,
): void {
  const checked = checkObject(kind, raw, stored);
  if ('problems' in checked) {
    const ref = rawRef(kind, raw);
    const service = serviceOfRaw(ref, raw);
    if (service !== undefined) loading.incomplete.add(service);
    for (const diagnostic of refusedDiagnostics(ref, checked.problems))
      report(loading, origin, diagnostic);
    return;
  }
  const { object } = checked;
  const ref = objectRef(object);
  const key = originKey(ref);
  for (const diagnostic of doubtDiagnostics(ref, checked.doubts))
    report(loading, origin, diagnostic);
  for (const diagnostic of leftOutDiagnostics(ref, checked.leftOut))
    report(loading, origin, diagnostic);
  if (checked.unknownFields) reportMisspellings(kind, raw, origin, loading);
  if (loading.objects.has(key)) {
    report(loading, origin, {
      code: 'duplicate-object',
      severity: 'warning',
      message: `${refText(ref)} is defined more than once: the last definition counts`,
      object: ref,
    });
  }
  loading.objects.set(key, object);
  loading.origins.set(key, origin);
  keepAnnotations(kind, raw, key, loading);
}

function keepAnnotations(kind: Kind, raw: unknown, key: string, loading: Loading): void {
  const { wantsAnnotation } = loading;
  if (wantsAnnotation === undefined || kind !== 'Service') return;
  const annotations = child(child(raw, 'metadata'), 'annotations');
  const wanted = Object.entries(isObject(annotations) ? annotations : {}).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === 'string' && wantsAnnotation(entry[0], entry[1]),
  );
  loading.annotations.set(key, Object.fromEntries(wanted));
}

function reportMisspellings(kind: Kind, raw: unknown, origin: Origin, loading: Loading): void {
  const object = rawRef(kind, raw);
  for (const { path, meant } of misspellings(SHAPES[kind], raw)) {
    const field = fieldPath(path, SHAPES[kind]);
    report(loading, origin, {
      code: 'unknown-field',
      severity: 'warning',
      message: `${refText(object)}: ${field}: unknown field`,
      object,
      field,
      hint: `did you mean ${meant}?`,
    });
  }
}

function report(loading: Loading, origin: Origin, diagnostic: Diagnostic): void {
  loading.diagnostics.push(diagnostic);
  loading.findings.set(diagnostic, origin);
}

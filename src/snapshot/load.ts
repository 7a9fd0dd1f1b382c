/**
 * Loads a typed Snapshot from untrusted text: reads it, finds the objects, checks each, fills in
 * what an API server would add, and indexes. Never throws because of its input; what is wrong is a
 * diagnostic.
 */

import type { Diagnostic } from '../diagnostics.js';
import type { Source } from '../input/source.js';
import { finish, type Steps } from '../steps.js';
import { completeObjects } from './complete/complete.js';
import { indexSnapshot, serviceOfSlice } from './index-objects.js';
import { type InputOptions, Loading } from './loading.js';
import type { Origin } from './objects.js';
import {
  type EndpointSlice,
  type Endpoints,
  type KubernetesObject,
  type NamespacedName,
  namespacedName,
  type Snapshot,
} from './types.js';
import { NO_WORKLOADS, type Workloads } from './workloads.js';

/** Where everything came from, for `locate`. */
export interface Origins {
  /** By `originKey`. */
  readonly objects: ReadonlyMap<string, Origin>;
  /** Of findings about objects that were left out, or are there twice. */
  readonly findings: ReadonlyMap<Diagnostic, Origin>;
}

/** A snapshot, and what was noticed when it was loaded. */
export interface LoadedSnapshot {
  readonly snapshot: Snapshot;
  readonly diagnostics: readonly Diagnostic[];
  readonly origins: Origins;
  /**
   * Services of which an object was left out: the Service, one of its slices or its Endpoints.
   * The snapshot is incomplete for them, so apply and agent leave their rules as they are.
   * `EVERY_OTHER_SERVICE` is among them if an object without a readable name was left out.
   */
  readonly incomplete: ReadonlySet<NamespacedName>;
  /** Slices without the label that names a Service, and Endpoints without their Service. */
  readonly unclaimed: readonly (EndpointSlice | Endpoints)[];
  /** By `originKey`. Kept beside the objects, because no rule depends on them. */
  readonly annotations: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Empty unless asked for. */
  readonly workloads: Workloads;
}

/** Whether no Service of the snapshot can use this slice or Endpoints object. */
function isUnclaimed(
  object: KubernetesObject,
  { services }: Snapshot,
): object is EndpointSlice | Endpoints {
  if (object.kind === 'EndpointSlice') return serviceOfSlice(object) === undefined;
  return object.kind === 'Endpoints' && !services.has(namespacedName(object.metadata));
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
  return finish(loadInSteps(sources, options));
}

/** The same as {@link loadSnapshot}, step by step. */
export function* loadInSteps(
  sources: readonly Source[],
  options: InputOptions = {},
): Steps<LoadedSnapshot> {
  const loading = new Loading(options);
  for (const [index, source] of sources.entries()) yield* loading.add(source, index);
  const objects = [...loading.objects.values()];
  const completed = completeObjects(objects, options.serviceCidrs ?? []);
  yield;
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

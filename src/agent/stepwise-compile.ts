/** Compiles a large cluster in parts, so that the agent answers health checks in between. */

import { throwIfInterrupted } from '../host/interruption.js';
import { turn } from '../host/turn.js';
import type { Family } from '../net/ip.js';
import { type Compiled, type CompileOptions, compileSnapshot } from '../pipeline.js';
import type { EndpointSlice, NamespacedName, Service, Snapshot } from '../snapshot/types.js';

/** Services of one part: some 50 ms. */
const PART = 1000;

/**
 * What `compileSnapshot` gives for the snapshot: with `previous` at once, as little changes, else
 * part after part of the Services, each from the one before. Throws InterruptedError between two
 * parts once the signal is given.
 */
export async function compileStepwise(
  snapshot: Snapshot,
  family: Family,
  options: CompileOptions & { readonly signal?: AbortSignal | undefined },
  previous: Compiled | undefined,
): Promise<Compiled> {
  let compiled = previous;
  if (compiled === undefined) {
    for (const part of growingParts(snapshot)) {
      await turn();
      throwIfInterrupted(options.signal);
      compiled = compileSnapshot(part, family, options, compiled);
      await turn();
    }
  }
  return compileSnapshot(snapshot, family, options, compiled);
}

/** The snapshot with the first Services, with twice as many, …, but not with all. */
function* growingParts(snapshot: Snapshot): Generator<Snapshot> {
  const services = new Map<NamespacedName, Service>();
  const slices = new Map<NamespacedName, readonly EndpointSlice[]>();
  for (const [name, service] of snapshot.services) {
    const isFull = services.size > 0 && services.size % PART === 0;
    if (isFull) yield { ...snapshot, services: new Map(services), slices: new Map(slices) };
    services.set(name, service);
    const own = snapshot.slices.get(name);
    if (own !== undefined) slices.set(name, own);
  }
}

/** Compiles a large cluster in parts, so that the agent answers health checks in between. */

import { turn } from '../host/turn.js';
import type { Family } from '../net/ip.js';
import { type Compiled, type CompileOptions, compileSnapshot } from '../pipeline.js';
import type { Snapshot } from '../snapshot/types.js';

/** Services of one part: some 50 ms. */
const PART = 1000;

/**
 * What `compileSnapshot` gives for the snapshot: with `previous` at once, as little changes, else
 * part after part of the Services, each from the one before.
 */
export async function compileStepwise(
  snapshot: Snapshot,
  family: Family,
  options: CompileOptions,
  previous: Compiled | undefined,
): Promise<Compiled> {
  let compiled = previous;
  if (compiled === undefined) {
    for (const part of growingParts(snapshot)) {
      compiled = compileSnapshot(part, family, options, compiled);
      await turn();
    }
  }
  return compileSnapshot(snapshot, family, options, compiled);
}

/** The snapshot with the first Services, with twice as many, …, but not with all. */
function* growingParts(snapshot: Snapshot): Generator<Snapshot> {
  const services = [...snapshot.services];
  const slices = [...snapshot.slices].filter(([name]) => snapshot.services.has(name));
  for (let end = PART; end < services.length; end += PART) {
    const named = new Map(services.slice(0, end));
    yield {
      ...snapshot,
      services: named,
      slices: new Map(slices.filter(([name]) => named.has(name))),
    };
  }
}

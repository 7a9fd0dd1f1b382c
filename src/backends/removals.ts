/** Helpers for {@link Removals}, which each mode makes for its parts of the kernel. */

import { InterruptedError, VipcError } from '../errors.js';
import type { Removals } from './kernel.js';

export const NOTHING_TO_REMOVE: Removals = { steps: [], kept: [], failures: [], unseen: [] };

export function mergeRemovals(parts: readonly Removals[]): Removals {
  return {
    steps: parts.flatMap(({ steps }) => steps),
    kept: parts.flatMap(({ kept }) => kept),
    failures: parts.flatMap(({ failures }) => failures),
    unseen: parts.flatMap(({ unseen }) => unseen),
  };
}

/**
 * What was thrown while one part was read or changed, as the failure of this part. Throws what ends
 * the whole: an interruption, or a defect.
 */
export function partFailure(error: unknown): VipcError {
  if (error instanceof VipcError && !(error instanceof InterruptedError)) return error;
  throw error;
}

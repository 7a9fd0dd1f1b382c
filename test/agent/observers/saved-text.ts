/** The text in which an agent saves a snapshot. */

import { snapshotPieces } from '../../../src/agent/observers/last-good.js';
import type { Snapshot } from '../../../src/snapshot/types.js';

/** `slice`: milliseconds of work for each piece. */
export function textOf(snapshot: Snapshot, slice = 5): string {
  return [...snapshotPieces(snapshot, slice)].join('');
}

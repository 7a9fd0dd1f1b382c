/** Reads what a rule is traced back to: `namespace/name:port PROTOCOL`, or `''` for what every node has. */

import type { NamespacedName } from '../model/types.js';

/** The Service of an origin; `''` for the frame. Names hold neither colons nor blanks. */
export function serviceOf(origin: string): NamespacedName {
  return origin.split(/[: ]/, 1)[0] ?? '';
}

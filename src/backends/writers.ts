/** Which kube-proxy wrote rules, as far as these tell. */

import { PROFILES } from '../profiles/table.js';
import type { Profile } from '../profiles/types.js';

/** What rules say of who wrote them. */
export interface Writers {
  /** Every profile whose rules these can be, in the order of versions; all where nothing tells. */
  readonly profiles: readonly Profile[];
  /** Why there is none: a version whose rules vipc does not write, or a mixture; else `''`. */
  readonly reason: string;
}

/** Rules that say nothing. */
export const ANY_WRITER: Writers = { profiles: PROFILES, reason: '' };

/** The profiles of which this holds. */
export function writersWhere(isPossible: (profile: Profile) => boolean): Writers {
  return { profiles: PROFILES.filter(isPossible), reason: '' };
}

/** None of the profiles, for a reason. */
export function noWriter(reason: string): Writers {
  return { profiles: [], reason };
}

/** Which versions of kube-proxy can have written a ruleset. */

import { PROFILES } from '../profiles/table.js';
import type { Profile } from '../profiles/types.js';

/** The versions that can have written a ruleset. */
export interface Writers {
  /** Those that write such rules, in the order of versions; all if no rule depends on it. */
  readonly profiles: readonly Profile[];
  /** Why there is none: a version that vipc has no profile of, or rules of two; else `''`. */
  readonly reason: string;
}

/** No rule that differs between versions: all profiles are possible. */
export const ANY_WRITER: Writers = { profiles: PROFILES, reason: '' };

/** The profiles for which `isPossible` holds. */
export function writersWhere(isPossible: (profile: Profile) => boolean): Writers {
  return { profiles: PROFILES.filter(isPossible), reason: '' };
}

/** No profile, and the reason for it. */
export function noWriter(reason: string): Writers {
  return { profiles: [], reason };
}

/** What all requests of one fake API server share. */

import type { Faults } from './faults.js';
import type { Store } from './store.js';
import type { Json } from './types.js';
import type { Watch, WatchSettings } from './watch.js';

export interface ServerState {
  readonly store: Store;
  readonly faults: Faults;
  readonly watches: Set<Watch>;
  readonly events: Json[];
  readonly options: WatchSettings & {
    readonly tooLargeWaitMs: number;
    readonly streamingLists: boolean;
  };
  /** Milliseconds of the epoch. */
  readonly now: () => number;
  /** Resolves when some misbehaviour has ended. */
  readonly healed: () => Promise<void>;
  /** `127.0.0.1:6443`. */
  address: string;
  token: string;
  shuttingDown: boolean;
  /**
   * Until then no user has a role, as in the first second after a start; in milliseconds of the
   * epoch.
   */
  unauthorizedUntil: number;
  /** From then on /readyz is 200. */
  readyAt: number;
}

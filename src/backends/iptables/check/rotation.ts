/** Cycles through the chains of all Services, a bounded number at a time. */

import type { Ruleset } from '../../../ruleset/types.js';
import type { FragmentChains, OwnedKey } from '../../check/expectation.js';

/** Remembers the Service port where it stopped, so that Services may be added and removed. */
export class Rotation {
  readonly #lines: FragmentChains;
  readonly #count: number;
  /** The Service port to go on with, and how many of its chains were seen. */
  #origin = '';
  #seen = 0;

  /** `count`: how many chains at a time. */
  constructor(lines: FragmentChains, count: number) {
    this.#lines = lines;
    this.#count = count;
  }

  /** The next chains; each at most once, and `isAll` where these are all of them. */
  next({ ports }: Ruleset): { readonly keys: readonly OwnedKey[]; readonly isAll: boolean } {
    const found: OwnedKey[] = [];
    let at = ports.findIndex(({ origin }) => origin === this.#origin);
    let seen = at < 0 ? 0 : this.#seen;
    at = Math.max(0, at);
    for (let steps = 0; steps < ports.length && found.length < this.#count; steps++) {
      const fragment = ports[at % ports.length];
      if (fragment === undefined) break;
      const keys = this.#lines.ownKeys(fragment);
      const taken = keys.slice(seen, seen + this.#count - found.length);
      found.push(...taken.map((key) => ({ key, fragment })));
      seen += taken.length;
      if (seen < keys.length) break;
      seen = 0;
      at++;
    }
    this.#origin = ports[at % ports.length]?.origin ?? '';
    this.#seen = seen;
    // With one more it would have stopped.
    return { keys: found, isAll: found.length < this.#count };
  }
}

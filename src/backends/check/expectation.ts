/** What should be in the kernel, taken from a Ruleset as far as a check needs it, and remembered as long as it stays the same. */

import type { Chains } from '../../plan/types.js';
import type { Fragment, Ruleset } from '../../ruleset/types.js';
import type { Dialect } from './dialects.js';
import { Turns } from './target.js';

/** Where a Service port's chain is described. */
export interface OwnedKey {
  readonly key: string;
  readonly fragment: Fragment;
}

/** Of a Ruleset of ten thousand Services only what has changed since the last check is read again. */
export class Expectation {
  readonly #dialect: Dialect;
  /** Fragments with nothing but their lines for chains of every node. */
  readonly #shared = new WeakMap<Fragment, Fragment>();
  #last: { readonly ruleset: Ruleset; readonly chains: Chains } | undefined;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** The chains, maps and sets that every node has, with the lines of all Services in them, and without chains of Services. */
  async everyNode(ruleset: Ruleset): Promise<Chains> {
    if (this.#last?.ruleset === ruleset) return this.#last.chains;
    const turns = new Turns();
    const ports: Fragment[] = [];
    for (const fragment of ruleset.ports) {
      ports.push(this.#sharedPart(fragment));
      await turns.next();
    }
    const chains = this.#dialect.chains({ ...ruleset, ports });
    this.#last = { ruleset, chains };
    return chains;
  }

  #sharedPart(fragment: Fragment): Fragment {
    const known = this.#shared.get(fragment);
    if (known !== undefined) return known;
    const { origin, text } = fragment;
    const lines = text.split('\n').filter(this.#dialect.isShared);
    // Joined, so that it does not hold on to the text that it is cut from.
    const part = { origin, text: `${lines.join('\n')}\n` };
    this.#shared.set(fragment, part);
    return part;
  }
}

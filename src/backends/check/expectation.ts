/** What a check expects in shared chains, computed from a Ruleset and cached until it changes. */

import type { LineRules } from '../../plan/diff.js';
import type { Chains } from '../../plan/types.js';
import type { Fragment, Ruleset } from '../../ruleset/types.js';
import type { Steps } from '../../steps.js';

/** How one mode's lines make chains. */
export interface FragmentChains {
  /** All chains of a Ruleset. */
  readonly chains: (ruleset: Ruleset) => Chains;
  /** The chains that one of its fragments declares. */
  readonly ownChains: (ruleset: Ruleset, fragment: Fragment) => Chains;
  /** Their keys in {@link ownChains}, found without reading their rules. */
  readonly ownKeys: (fragment: Fragment) => readonly string[];
  /**
   * Whether a line of a Service port's fragment belongs to a shared chain, or names the table of
   * such lines.
   */
  readonly isShared: (line: string) => boolean;
  /** How chains are compared. */
  readonly rules: LineRules;
}

/** A chain of a Service port and the fragment that declares it. */
export interface OwnedKey {
  readonly key: string;
  readonly fragment: Fragment;
}

/** Reads only fragments that have changed since the last check. */
export class ExpectedRules {
  readonly #lines: FragmentChains;
  /** Fragments reduced to their lines in shared chains. */
  readonly #shared = new WeakMap<Fragment, Fragment>();
  #last: { readonly ruleset: Ruleset; readonly chains: Chains } | undefined;

  constructor(lines: FragmentChains) {
    this.#lines = lines;
  }

  /**
   * Chains, maps and sets of the node, with the lines of all Services in them; no chains of
   * Services.
   */
  *sharedChains(ruleset: Ruleset): Steps<Chains> {
    if (this.#last?.ruleset === ruleset) return this.#last.chains;
    const ports: Fragment[] = [];
    for (const fragment of ruleset.ports) {
      ports.push(this.#sharedPart(fragment));
      yield;
    }
    const chains = this.#lines.chains({ ...ruleset, ports });
    this.#last = { ruleset, chains };
    return chains;
  }

  #sharedPart(fragment: Fragment): Fragment {
    const known = this.#shared.get(fragment);
    if (known !== undefined) return known;
    const { origin, text } = fragment;
    const lines = text.split('\n').filter(this.#lines.isShared);
    // Joined, so that it does not hold on to the text that it is cut from.
    const part = { origin, text: `${lines.join('\n')}\n` };
    this.#shared.set(fragment, part);
    return part;
  }
}

/**
 * A Ruleset is what a backend would load: a frame that every node has, and one fragment per
 * Service port. A fragment is a value: replaced whole, compared by identity first and by text
 * second, which is what makes one change among ten thousand Services cheap.
 */

import type { Family } from '../net/ip.js';

export type BackendName = 'iptables' | 'nftables';

/** The rules of one origin, in the backend's own canonical text. */
export interface Fragment {
  /** `namespace/name:port protocol`, or `''` for the frame. */
  readonly origin: string;
  readonly text: string;
}

export interface Ruleset {
  readonly backend: BackendName;
  readonly family: Family;
  readonly frame: Fragment;
  /** In Service order; two Rulesets of the same input are equal byte for byte. */
  readonly ports: readonly Fragment[];
}

/** One Ruleset as its backend prints it. */
export interface RuleDocument {
  readonly family: Family;
  readonly text: string;
}

/** A file of rules. */
export interface NamedDocument {
  readonly name: string;
  readonly text: string;
}

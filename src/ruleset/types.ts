/**
 * A Ruleset is what a backend would load: what every node has, and one fragment per Service port. A
 * fragment is a value: replaced whole, compared by identity first and by text second, which is what
 * makes one change among ten thousand Services cheap.
 */

import type { Family } from '../net/ip.js';

/** The modes of kube-proxy that have a backend here. */
export type BackendName = 'iptables' | 'nftables';

/** The rules of one origin, in the backend's own canonical text. */
export interface Fragment {
  /** `namespace/name:port protocol`; `''` where it belongs to no single Service port. */
  readonly origin: string;
  readonly text: string;
  /** Why the Service port has no rules: a defect met while they were rendered. */
  readonly failure?: string | undefined;
}

/** The rules of one node in one family. */
export interface Ruleset {
  readonly backend: BackendName;
  readonly family: Family;
  /** The rules of every node, which do not depend on its Services. */
  readonly frame: Fragment;
  /** In Service order; two Rulesets of the same input are equal byte for byte. */
  readonly ports: readonly Fragment[];
  /** What belongs to several Service ports, such as the nodes of a dispatch tree. */
  readonly shared: readonly Fragment[];
  /** Rules of every node that stand behind those of all Services. */
  readonly tail: Fragment;
}

/** All fragments, in the order in which their rules stand in a chain that several of them fill. */
export function fragmentsOf({ frame, shared, ports, tail }: Ruleset): readonly Fragment[] {
  return [frame, ...shared, ...ports, tail];
}

/**
 * `namespace/name` of the Service of an origin; `''` for the frame. Names hold neither colons nor
 * blanks.
 */
export function serviceOf(origin: string): string {
  return origin.split(/[: ]/, 1)[0] ?? '';
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

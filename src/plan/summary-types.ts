/**
 * What a plan means to a person: by Service, with the reason for every rule, and who gains or loses
 * traffic.
 */

import type { Family } from '../net/ip.js';
import type { Fraction } from '../netfilter/fraction.js';
import type { ChainChange, PinnedChain, RuleChange } from './types.js';

/** One rule that differs. */
export interface RuleSummary {
  readonly op: RuleChange['op'];
  readonly line: string;
  /**
   * `missing`: not in the kernel. `surplus`: in the kernel and not wanted. `foreign`: the same, and
   * neither vipc nor kube-proxy would write it into this chain. `probability`: has another
   * probability. `moved`: has another place in the chain.
   */
  readonly finding: 'missing' | 'surplus' | 'foreign' | 'probability' | 'moved';
}

/** A chain or another unit, as people know it. */
interface NamedChain {
  readonly table: string;
  /** Of a chain its name; of other units of nft as {@link unitLabel} has it. */
  readonly chain: string;
}

/** One chain, as far as it concerns the Service. */
export interface ChainSummary extends NamedChain {
  readonly action: ChainChange['action'];
  /** `missing`: not there. `empty`: flushed. `unwanted`: to be deleted. `differs`: some rules. */
  readonly finding: 'missing' | 'empty' | 'unwanted' | 'differs';
  readonly rules: readonly RuleSummary[];
}

/** An endpoint that gets more or less than it should. */
export interface ShareChange {
  /** `10.0.0.5:8080`; the chain's name where it translates nothing. */
  readonly endpoint: string;
  readonly before: Fraction;
  readonly after: Fraction;
}

/**
 * A pool of endpoints whose shares change: all for policy Cluster, those on the node for policy
 * Local.
 */
export interface PoolSummary {
  readonly pool: 'cluster' | 'local';
  readonly chain: string;
  /** New connections only: returning clients of session affinity stay where they are. */
  readonly endpoints: readonly ShareChange[];
}

/** Everything about one Service port. */
export interface ServiceSummary {
  /** `namespace/name:port protocol`; `''` for what every node has. */
  readonly origin: string;
  readonly state: 'added' | 'changed' | 'removed';
  readonly chains: readonly ChainSummary[];
  readonly pools: readonly PoolSummary[];
}

/** A chain that apply deletes or rewrites although that is no difference. */
export interface UncountedChain extends NamedChain {
  readonly origin: string;
  readonly rules: number;
}

/** A rule that differs in its comment alone. */
export interface CommentSummary extends NamedChain {
  readonly before: string;
  readonly after: string;
}

/** One family. */
export interface FamilySummary {
  readonly family: Family;
  /** Every node first, then by name. */
  readonly services: readonly ServiceSummary[];
  /** Chains that nothing reaches. */
  readonly leftovers: readonly UncountedChain[];
  /** Chains of Services with rules that lack their comment; `rules` counts these. */
  readonly uncommented: readonly UncountedChain[];
  readonly comments: readonly CommentSummary[];
  readonly pinned: readonly PinnedChain[];
}

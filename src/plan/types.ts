/**
 * A plan is a value that says what an apply would do. It can be shown, saved, applied later, and is
 * refused when the kernel has changed since.
 */

import type { Family } from '../net/ip.js';
import type { BackendName } from '../ruleset/types.js';
import type { Unit } from './unit.js';

/** How the diff compares a chain. */
export type ChainOrder =
  /** Ours, every rule in its place. */
  | 'ordered'
  /** Ours, the rules of all Services in any order, then a tail. */
  | 'shared'
  /** Not ours: some rules in it must be there, wherever they stand. */
  | 'partial';

/** One chain, or another unit, with the lines that concern us. */
export interface ChainState extends Unit {
  readonly order: ChainOrder;
  /**
   * `namespace/name:port protocol`; `''` for the frame, and in shared chains, where each line has
   * its own.
   */
  readonly origin: string;
  /** Rule lines from `-A` on, as the kernel's tool prints them. */
  readonly lines: readonly string[];
  /** Origin of each line; absent where all are {@link origin}. */
  readonly origins?: readonly string[];
  /** How many of the last lines must stay behind all others. */
  readonly tail: number;
  /** Of a shared chain of which a part is given: whether that part makes the chain as well. */
  readonly declared?: boolean;
}

/** Chains by {@link unitKey}. */
export type Chains = ReadonlyMap<string, ChainState>;

/** One rule that is added to a chain or removed from it. */
export interface RuleChange {
  readonly op: 'add' | 'remove';
  /** The line from `-A` on. */
  readonly line: string;
  readonly origin: string;
  /** Where an added line goes in an edited chain. */
  readonly at: 'head' | 'tail';
}

/** The fields of every change of a chain. */
interface ChangedChain extends Unit {
  /** As in {@link ChainState}. */
  readonly origin: string;
  /** The rules that differ: those to remove in the order of the chain, then those to add. */
  readonly rules: readonly RuleChange[];
}

/**
 * A change whose tool refuses the table when the chain is no longer what the plan was made from.
 */
interface GuardedChain {
  /**
   * The last line of the chain before. Absent for an empty chain, and for a line that no tool
   * takes.
   */
  readonly guard?: string;
}

/** The chain does not exist; `lines` are all of it. */
export interface ChainCreation extends ChangedChain {
  readonly action: 'create';
  readonly lines: readonly string[];
}

/** The chain is flushed and filled with `lines`. */
export interface ChainRewrite extends ChangedChain, GuardedChain {
  readonly action: 'rewrite';
  readonly lines: readonly string[];
}

/** Only `rules` change. A rule that is not there cannot be deleted, so an edit needs no guard. */
export interface ChainEdit extends ChangedChain {
  readonly action: 'edit';
}

/** The chain is deleted; `rules` are all that it holds. */
export interface ChainDeletion extends ChangedChain, GuardedChain {
  readonly action: 'delete';
}

/** One chain that is not as it should be. */
export type ChainChange = ChainCreation | ChainRewrite | ChainEdit | ChainDeletion;

/** A rule that differs from the wanted one in its comment alone. */
export interface CommentChange extends Unit {
  readonly before: string;
  readonly after: string;
}

/** What differs in one family. */
export interface FamilyPlan {
  readonly family: Family;
  readonly backend: BackendName;
  /**
   * Fingerprint of what the kernel held of ours when the plan was made; another one later means
   * that the plan is stale. `''` in a plan that is carried out at once: it costs a walk over all
   * rules.
   */
  readonly base: string;
  /** In the order of the desired rules; deletions last. */
  readonly changes: readonly ChainChange[];
  /** Our chains that nothing reaches: no difference, but removed by apply. */
  readonly leftovers: readonly ChainChange[];
  /**
   * Chains of Services in which rules lack their comment, as kube-proxy writes them above 1,000
   * endpoints: no difference, but rewritten by apply.
   */
  readonly uncommented: readonly ChainRewrite[];
  /** Shown on request. Only those of {@link uncommented} chains are rewritten. */
  readonly comments: readonly CommentChange[];
  /** Chains that are not wanted but stay, emptied, because a foreign rule jumps to them. */
  readonly pinned: readonly PinnedChain[];
}

/** A setting of the machine, outside of the rules, that they need. */
export type HostChange =
  /**
   * `name` with dots, `net.ipv4.conf.all.route_localnet`; `before` is `''` where it could not be
   * read.
   */
  | {
      readonly kind: 'sysctl';
      readonly name: string;
      readonly before: string;
      readonly after: string;
    }
  /** An accounting object to be made. */
  | { readonly kind: 'nfacct'; readonly name: string };

/** A chain of ours that a foreign rule jumps to. */
export interface PinnedChain {
  readonly table: string;
  readonly chain: string;
  /** The foreign rule. */
  readonly by: string;
}

/** What a layout of mode iptables is: templates, views, and what its chains are. */

import type { Rule } from '../../../netfilter/rule.js';
import type { Layout, LineSyntax } from '../../layout.js';

/** What a chain is to vipc. */
export type ChainRole =
  /** Of one Service port, its rules in one order. */
  | 'service'
  /** Of every node, its rules in one order. */
  | 'frame'
  /** Of every node, with rules of all Services in any order, then a tail. */
  | 'shared'
  /** Of every node, with its own rules and rules of Services in one order. */
  | 'mixed'
  /** Loaded before by a layout that is not the desired one. */
  | 'remembered'
  /** Exists without us, as a built-in chain or KUBE-FIREWALL do: single rules in it are ours. */
  | 'partial'
  /** Not ours. */
  | 'foreign';

/** A layout with a table of what its chains are. */
export interface IptablesLayout extends Layout {
  /** The role of a chain that the layout declares; `foreign` for others. */
  readonly roleOf: (table: string, chain: string) => ChainRole;
  /** The rules in chains that exist without it, as `table line`, without comments. */
  readonly partialRules: ReadonlySet<string>;
  /** Whether the layout could write the rule into this chain of its own. */
  readonly writes: (table: string, chain: string, rule: Rule) => boolean;
  /** Whether the rules of a chain name frontends, those of Services without endpoints included. */
  readonly dispatches: (table: string, chain: string) => boolean;
}

/** Lines as iptables-save prints them: `*TABLE`, `:CHAIN - [0:0]`, `-A CHAIN …`, and comments. */
export const SYNTAX: LineSyntax = {
  line: /^(?:\*[a-z]+|:[!-~]{1,28} - \[0:0\]|-A [!-~]{1,28} [ -~]+|#[ -~]*)$/,
  hint: 'write *TABLE, ":CHAIN - [0:0]" and "-A CHAIN …" lines, as iptables-save prints them',
};

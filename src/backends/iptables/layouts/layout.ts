/** What a layout of mode iptables is: templates, views, and what its chains are. */

import type { PoolSummary } from '../../../plan/summary-types.js';
import type { Layout, LineSyntax } from '../../layout.js';

/**
 * What a chain is to vipc. `service`: of one Service port. `frame`: of every node, with rules in one
 * order. `shared`: of every node, with lines of all Services in any order, then a tail. `guest`: exists
 * without us (a built-in chain, or KUBE-FIREWALL, which kubelet also fills): single rules in it are
 * ours. `foreign`: not ours.
 */
export type ChainRole = 'service' | 'frame' | 'shared' | 'guest' | 'foreign';

/** A layout with a table of what its chains are. */
export interface IptablesLayout extends Layout {
  /** The role of a chain in a table. */
  readonly roleOf: (table: string, chain: string) => ChainRole;
  /** Chains whose rules name frontends, those of Services without endpoints included. */
  readonly dispatchers: readonly (readonly [table: string, chain: string])[];
  /** The pool that a chain spreads traffic over; `undefined` for a chain that does something else. */
  readonly poolOf: (table: string, chain: string) => PoolSummary['pool'] | undefined;
}

/** Lines as iptables-save prints them: `*TABLE`, `:CHAIN - [0:0]`, `-A CHAIN …`, and comments. */
export const SYNTAX: LineSyntax = {
  line: /^(?:\*[a-z]+|:[!-~]{1,28} - \[0:0\]|-A [!-~]{1,28} [ -~]+|#[ -~]*)$/,
  hint: 'write *TABLE, ":CHAIN - [0:0]" and "-A CHAIN …" lines, as iptables-save prints them',
};

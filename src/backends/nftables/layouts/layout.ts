/** What a layout of mode nftables is: templates, views, and what its units are. */

import type { UnitName } from '../../../plan/unit.js';
import type { Layout, LineSyntax } from '../../layout.js';

/** What a unit is for. */
export type UnitRole =
  /** A base chain, which jumps to the others. */
  | 'base'
  /** A chain of every node that looks packets up in maps. */
  | 'dispatch'
  /**
   * Chains of every node: masquerades, marks packets for that, refuses closed ports of ClusterIPs,
   * rejects.
   */
  | 'masquerade'
  | 'mark'
  | 'check'
  | 'reject'
  /**
   * Chains of a Service port: draws an endpoint, accepts traffic from outside, holds source ranges.
   */
  | 'pool'
  | 'external'
  | 'firewall'
  /** A chain of an endpoint under session affinity. */
  | 'endpoint'
  /** A set or a map. */
  | 'set'
  /** Counts packets. */
  | 'counter'
  /** The table itself. */
  | 'table';

/** A layout with a table of what its units are. */
export interface NftablesLayout extends Layout {
  /** `undefined` for a unit that is none of this layout. */
  readonly roleOf: (unit: UnitName) => UnitRole | undefined;
}

/**
 * Anything but quotes, comments and what ends a command, or a string, in which all mean nothing.
 */
const WORDS = '(?:[^"#;{}]|"[^"]*")';

const NAME = '[^\\s"#;{}]+';

/** One command a line; a semicolon outside of a declaration would begin another one. */
export const SYNTAX: LineSyntax = {
  line: new RegExp(
    [
      // nft takes no comment of more than 128 bytes, and reads on behind a backslash at the end.
      '^(?=[ -~]*[!-[\\]-~]$)(?!.* comment "[^"]{129,}")(?:',
      `add (?:chain|set|map|counter) ip6? kube-proxy ${NAME}(?: \\{ (?:${WORDS}|;)+ \\})?`,
      `|add element ip6? kube-proxy ${NAME} \\{ ${WORDS}+ \\}`,
      `|add rule ip6? kube-proxy ${NAME} (?:${WORDS}|[{}])+`,
      '|#.*)$',
    ].join(''),
  ),
  hint: 'write one command a line: "add chain|set|map|element|rule ip kube-proxy …", with comments of at most 128 bytes',
};

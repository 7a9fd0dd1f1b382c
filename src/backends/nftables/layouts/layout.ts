/** What a layout of mode nftables is: templates, views, and what its units are. */

import type { PoolSummary } from '../../../plan/summary-types.js';
import type { Layout, LineSyntax } from '../../layout.js';

/** A layout with a table of what its chains and maps are. */
export interface NftablesLayout extends Layout {
  /** Maps with a frontend in each key, those of Services without endpoints included. */
  readonly dispatchers: readonly string[];
  /** The pool that a chain spreads traffic over; `undefined` for one that does something else. */
  readonly poolOf: (chain: string) => PoolSummary['pool'] | undefined;
}

/** Anything but quotes, comments and what ends a command, or a string, in which all mean nothing. */
const WORDS = '(?:[^"#;{}]|"[^"]*")';

const NAME = '[^\\s"#;{}]+';

/** One command a line; a semicolon outside of a declaration would begin another one. */
export const SYNTAX: LineSyntax = {
  line: new RegExp(
    [
      // nft takes no comment of more than 128 bytes, and reads on behind a backslash at the end.
      '^(?=[ -~]*[!-[\\]-~]$)(?!.* comment "[^"]{129,}")(?:',
      `add (?:chain|set|map) ip6? kube-proxy ${NAME}(?: \\{ (?:${WORDS}|;)+ \\})?`,
      `|add element ip6? kube-proxy ${NAME} \\{ ${WORDS}+ \\}`,
      `|add rule ip6? kube-proxy ${NAME} (?:${WORDS}|[{}])+`,
      '|#.*)$',
    ].join(''),
  ),
  hint: 'write one command a line: "add chain|set|map|element|rule ip kube-proxy …", with comments of at most 128 bytes',
};

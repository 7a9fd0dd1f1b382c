/** Spells a model as commands of nft. */

import type { Model } from '../../model/types.js';
import type { Ruleset } from '../../ruleset/types.js';
import type { Compilation } from '../backend.js';
import { compileWith, type Speller } from '../compile.js';
import type { Layout } from '../layout.js';
import { frameView } from './layouts/kube-proxy/frame-view.js';
import { portView } from './layouts/kube-proxy/view.js';

/** Anything but quotes, comments and what ends a command, or a string, in which all mean nothing. */
const WORDS = '(?:[^"#;{}]|"[^"]*")';

const NAME = '[^\\s"#;{}]+';

/** What a line of ours may be: one command a line, a semicolon outside of a declaration would begin another. */
export const LINE: RegExp = new RegExp(
  [
    // nft takes no comment of more than 128 bytes, and reads on behind a backslash at the end.
    '^(?=[ -~]*[!-[\\]-~]$)(?!.* comment "[^"]{129,}")(?:',
    `add (?:chain|set|map) ip6? kube-proxy ${NAME}(?: \\{ (?:${WORDS}|;)+ \\})?`,
    `|add element ip6? kube-proxy ${NAME} \\{ ${WORDS}+ \\}`,
    `|add rule ip6? kube-proxy ${NAME} (?:${WORDS}|[{}])+`,
    '|#.*)$',
  ].join(''),
);

const SPELLER: Speller = {
  backend: 'nftables',
  frameView,
  portView,
  portContext: ['family', 'nodeIp', 'localDetector', 'masqueradeMark'],
  line: LINE,
  hint: 'write one command a line: "add chain|set|map|element|rule ip kube-proxy …", with comments of at most 128 bytes',
};

/** The Ruleset of a model, for `nft -f`. */
export function compile(model: Model, layout: Layout, previous?: Compilation): Ruleset {
  return compileWith(SPELLER, model, layout, previous);
}

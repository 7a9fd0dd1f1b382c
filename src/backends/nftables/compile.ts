/** Spells a model as commands of nft. */

import type { Model } from '../../model/types.js';
import type { Layout } from '../../render/layout.js';
import type { Ruleset } from '../../ruleset/types.js';
import type { Compilation } from '../backend.js';
import { compileWith, type Speller } from '../compile.js';
import { frameView } from './frame-view.js';
import { portView } from './view.js';

const SPELLER: Speller = {
  backend: 'nftables',
  frameView,
  portView,
  portContext: ['family', 'nodeIp', 'localDetector', 'masqueradeMark'],
  // nft takes no comment of more than 128 bytes.
  line: /^(?!.* comment "[^"]{129,}")(?:add (?:chain|set|map|element|rule) ip6? kube-proxy [ -~]+|#[ -~]*)$/,
  hint: 'write one command a line: "add chain|set|map|element|rule ip kube-proxy …", with comments of at most 128 bytes',
};

/** The Ruleset of a model, for `nft -f`. */
export function compile(model: Model, layout: Layout, previous?: Compilation): Ruleset {
  return compileWith(SPELLER, model, layout, previous);
}

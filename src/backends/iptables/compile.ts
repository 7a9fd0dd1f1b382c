/** Spells a model in the words of iptables-save. */

import type { Model } from '../../model/types.js';
import type { Ruleset } from '../../ruleset/types.js';
import type { Compilation } from '../backend.js';
import { compileWith, type Speller } from '../compile.js';
import type { Layout } from '../layout.js';
import { frameView } from './layouts/kube-proxy/frame-view.js';
import { portView } from './layouts/kube-proxy/view.js';

const SPELLER: Speller = {
  backend: 'iptables',
  frameView,
  portView,
  portContext: [
    'family',
    'nodeIp',
    'localDetector',
    'masqueradeAll',
    'localhostNodePorts',
    'nfacct',
    'large',
  ],
  line: /^(?:\*[a-z]+|:[!-~]{1,28} - \[0:0\]|-A [!-~]{1,28} [ -~]+|#[ -~]*)$/,
  hint: 'write *TABLE, ":CHAIN - [0:0]" and "-A CHAIN …" lines, as iptables-save prints them',
};

/** The Ruleset of a model, for `iptables-restore`. */
export function compile(model: Model, layout: Layout, previous?: Compilation): Ruleset {
  return compileWith(SPELLER, model, layout, previous);
}

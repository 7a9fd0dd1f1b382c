/** Ways to bring a Ruleset into the kernel of a node. The same packets must find the same answers with each. */

import { type BackendName, print, type Ruleset } from '../../src/index.js';
import {
  clearTables,
  type IptablesVariant,
  loadDocument,
  VARIANTS,
} from '../support/iptables-variants.js';
import type { Namespace } from '../support/netns.js';
import { FAMILIES } from './addresses.js';

export interface Loader {
  readonly name: string;
  /** Commands that must be installed for it. */
  readonly tools: readonly string[];
  /** The backend that its Rulesets come from. */
  readonly mode: BackendName;
  /** Loads one Ruleset per family into a node that {@link clear} has emptied. */
  readonly load: (node: Namespace, rulesets: readonly Ruleset[]) => Promise<void>;
  /** Removes everything that {@link load} brought. */
  readonly clear: (node: Namespace) => Promise<void>;
}

function iptablesLoader(variant: IptablesVariant): Loader {
  return {
    name: variant.name,
    tools: variant.tools,
    mode: 'iptables',
    load: async (node, rulesets) => {
      for (const ruleset of rulesets)
        await loadDocument(node, variant, ruleset.family, print(ruleset));
    },
    clear: async (node) => {
      for (const family of FAMILIES) await clearTables(node, variant, family);
    },
  };
}

/** The first one runs every scenario, the others those that are marked as core. */
export const LOADERS: readonly Loader[] = VARIANTS.map(iptablesLoader);

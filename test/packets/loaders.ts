/**
 * Ways to bring a Ruleset into the kernel of a node. The same packets must find the same answers
 * with each.
 */

import type { LayoutName } from '../../src/config/types.js';
import { type BackendName, print, type Ruleset } from '../../src/index.js';
import {
  clearTables,
  type IptablesVariant,
  loadDocument,
  VARIANTS,
} from '../support/kernels/iptables-variants.js';
import type { Namespace } from '../support/machines/netns.js';
import { FAMILIES } from './addresses.js';

export interface Loader {
  readonly name: string;
  /** Commands that must be installed for it. */
  readonly tools: readonly string[];
  /** The backend that its Rulesets come from. */
  readonly mode: BackendName;
  readonly layout: LayoutName;
  /** Whether it runs every scenario, not only those that are marked as core. */
  readonly everyScenario: boolean;
  /** The iptables that the rest of the node uses. */
  readonly firewall: IptablesVariant;
  /** Loads one Ruleset per family into a node that {@link clear} has emptied. */
  readonly load: (node: Namespace, rulesets: readonly Ruleset[]) => Promise<void>;
  /** Removes everything that {@link load} brought. */
  readonly clear: (node: Namespace) => Promise<void>;
}

function iptablesLoader(variant: IptablesVariant, layout: LayoutName): Loader {
  return {
    name: layout === 'kube-proxy' ? variant.name : `${variant.name}, layout ${layout}`,
    tools: variant.tools,
    mode: 'iptables',
    layout,
    everyScenario: variant === VARIANTS[0],
    firewall: variant,
    load: async (node, rulesets) => {
      for (const ruleset of rulesets)
        await loadDocument(node, variant, ruleset.family, print(ruleset));
    },
    clear: async (node) => {
      for (const family of FAMILIES) await clearTables(node, variant, family);
    },
  };
}

const nftLoader = (name: string, layout: LayoutName): Loader => ({
  name,
  layout,
  tools: ['nft', ...VARIANTS[0]!.tools],
  mode: 'nftables',
  everyScenario: true,
  firewall: VARIANTS[0]!,
  load: async (node, rulesets) => {
    for (const ruleset of rulesets) await node.run('nft', ['-f', '-'], print(ruleset));
  },
  clear: async (node) => {
    // A table that is not there cannot be deleted, and it may be that nothing was loaded.
    const deletions = ['ip', 'ip6'].map(
      (family) => `add table ${family} kube-proxy\ndelete table ${family} kube-proxy\n`,
    );
    await node.run('nft', ['-f', '-'], deletions.join(''));
  },
});

/**
 * Those of iptables in the order of its variants, then nft with each layout. The two variants load
 * the same text, so that one runs less.
 */
export const LOADERS: readonly Loader[] = [
  ...VARIANTS.map((variant) => iptablesLoader(variant, 'kube-proxy')),
  nftLoader('nft', 'kube-proxy'),
  nftLoader('nft, layout fast', 'fast'),
  ...VARIANTS.map((variant) => iptablesLoader(variant, 'fast')),
];

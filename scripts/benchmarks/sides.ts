/** What each variant is to vipc, and to the tool alone. */

import { BACKENDS } from '../../src/backends/index.js';
import type { KernelReadOptions } from '../../src/backends/kernel.js';
import { defaultConfig } from '../../src/config/defaults.js';
import type { LayoutName } from '../../src/config/types.js';
import type { BackendName, CompileOptions } from '../../src/index.js';
import { iptablesTool, type RawTool, type Variant } from './apply-raw.js';
import { NFT_TOOL } from './apply-raw-nft.js';

/** Accounting objects would have to be made first, and cost nothing. */
const HOST = { nodeName: 'bench', interfaces: [], nfacct: false };

/** What a variant is to vipc. */
export interface Side {
  readonly raw: RawTool;
  readonly compile: CompileOptions & { readonly mode: BackendName };
  readonly read: KernelReadOptions;
  /** Of what it writes. */
  readonly store: 'nf_tables' | 'legacy';
}

/** A variant with one of the layouts of its mode. */
export function sideOf({
  variant,
  layout,
}: {
  readonly variant: Variant;
  readonly layout: LayoutName;
}): Side {
  const side = SIDES[variant];
  return { ...side, compile: { ...side.compile, config: { ...defaultConfig, layout } } };
}

const SIDES: Readonly<Record<Variant, Side>> = {
  nf_tables: {
    raw: iptablesTool('iptables-nft'),
    compile: { host: HOST, mode: 'iptables' },
    read: { iptables: 'nft' },
    store: 'nf_tables',
  },
  legacy: {
    raw: iptablesTool('iptables-legacy'),
    compile: { host: HOST, mode: 'iptables' },
    read: { iptables: 'legacy' },
    store: 'legacy',
  },
  nftables: {
    raw: NFT_TOOL,
    compile: { host: HOST, mode: 'nftables' },
    read: {},
    store: 'nf_tables',
  },
};

/** Every variant with each of the layouts that its mode has. */
export function sidesOf(
  variants: readonly Variant[],
  layouts: readonly LayoutName[],
): readonly (readonly [Variant, LayoutName])[] {
  return variants.flatMap((variant) =>
    layouts
      .filter((layout) =>
        BACKENDS[SIDES[variant].compile.mode].layouts.some(({ name }) => name === layout),
      )
      .map((layout) => [variant, layout] as const),
  );
}

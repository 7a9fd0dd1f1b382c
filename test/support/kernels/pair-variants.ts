/** What random pairs of rulesets have to leave alone in a real kernel, per kernel variant. */

import fc from 'fast-check';
import { parseDump } from '../../../src/backends/iptables/syntax/parse.js';
import { type ForeignRules, foreignRules } from '../arbitrary/pair.js';
import type { Namespace } from '../machines/netns.js';
import { KERNEL_VARIANTS, type KernelVariant } from './kernel-variants.js';
import { handlesOf } from './nft-handles.js';

export interface PairVariant extends KernelVariant {
  /** Pairs of one run; every second one is a small change of the one before. */
  readonly pairs: number;
  readonly store: 'nf_tables' | 'legacy';
  /** Rules of others, before ours come and when they are there. */
  readonly foreign: fc.Arbitrary<ForeignRules>;
  readonly foreignLines: (namespace: Namespace, saved: string) => Promise<readonly string[]>;
  /** What is the same before and after, but was written again. */
  readonly remade: (before: string, after: string) => readonly string[];
}

const everything = process.env.VIPC_FULL === '1';
const OURS = /^KUBE-(?!ROUTER|MARK-DROP)/;

const NFT_FOREIGN = `
add table ip other
add map ip other service-ips { type ipv4_addr : verdict ; }
add chain ip other services { type filter hook input priority 5 ; }
add rule ip other services ip saddr 192.0.2.1 counter drop
add table inet kube-proxy
add chain inet kube-proxy services
add rule inet kube-proxy services accept
`;

function iptables(variant: KernelVariant): PairVariant {
  return {
    ...variant,
    pairs: everything ? 200 : 40,
    store: variant.name === 'iptables-nft' ? 'nf_tables' : 'legacy',
    foreign: foreignRules,
    foreignLines: async (_namespace, saved) => iptablesForeign(saved),
    // A rule has no name of its own here; that edits touch nothing else is held in the simulated
    // kernel, where it has.
    remade: () => [],
  };
}

function nftables(variant: KernelVariant): PairVariant {
  return {
    ...variant,
    pairs: everything ? 200 : 25,
    store: 'nf_tables',
    foreign: fc.constant({ before: NFT_FOREIGN, between: '' }),
    foreignLines: async (namespace) => [
      await namespace.run('nft', ['-j', 'list', 'table', 'ip', 'other']),
      await namespace.run('nft', ['-j', 'list', 'table', 'inet', 'kube-proxy']),
    ],
    remade: nftRemade,
  };
}

/** One for each kernel variant. */
export const PAIR_VARIANTS: readonly PairVariant[] = KERNEL_VARIANTS.map((variant) =>
  variant.mode === 'iptables' ? iptables(variant) : nftables(variant),
);

/** The chains and rules that are not ours, in order. */
function iptablesForeign(saved: string): readonly string[] {
  return [...parseDump(saved).tables].flatMap(([table, chains]) =>
    [...chains].flatMap(([chain, { policy, rules }]) =>
      OURS.test(chain)
        ? []
        : [
            ...(policy === '-' ? [`${table} ${chain}`] : []),
            ...rules.filter((line) => !/ -j KUBE-(?!ROUTER|MARK-DROP)/.test(line)),
          ],
    ),
  );
}

/**
 * The kernel gives every new thing a new handle. Only rules that name a set of another kind now had
 * to let go of it in between.
 */
function nftRemade(before: string, after: string): readonly string[] {
  if (before === '' || after === '') return [];
  const [old, fresh] = [handlesOf(before), handlesOf(after)];
  const other = [...old].flatMap(([key, { content }]) =>
    key.includes(' set ') && fresh.has(key) && fresh.get(key)?.content !== content
      ? [`"@${key.split(' ')[3]}"`]
      : [],
  );
  return [...old].flatMap(([key, { content, handles }]) => {
    const now = fresh.get(key);
    if (now?.content !== content || other.some((name) => content.includes(name))) return [];
    return String(now.handles) === String(handles) ? [] : [key];
  });
}

/** How a document gets into a kernel and back out as the same lines, per kernel variant. */

import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { parseDump } from '../../../src/backends/iptables/syntax/parse.js';
import { parseDump as parseNft } from '../../../src/backends/nftables/syntax/parse.js';
import { LAYOUT_NAMES, type LayoutName } from '../../../src/config/types.js';
import type { Family } from '../../../src/net/ip.js';
import type { Namespace } from '../machines/netns.js';
import { toTables } from './iptables-tables.js';
import { clearTables, VARIANTS } from './iptables-variants.js';
import { KERNEL_VARIANTS, type KernelVariant } from './kernel-variants.js';
import { plainTables } from './nft-tables.js';

interface RoundTripVariant extends KernelVariant {
  readonly layout: LayoutName;
  /** The name with the layout, where it is not the default. */
  readonly title: string;
  /**
   * Loads a document of one family into a kernel without any of ours, and compares what is there
   * with it.
   */
  readonly roundTrip: (namespace: Namespace, family: Family, document: string) => Promise<void>;
  /** Paths under `fixtures/` of the expected documents, each with its family. */
  readonly golden: readonly (readonly [Family, string])[];
}

const FIXTURES = new URL('../../../fixtures/', import.meta.url);

/** One for each kernel variant, and one more for each other layout of its mode. */
export const ROUND_TRIP_VARIANTS: readonly RoundTripVariant[] = KERNEL_VARIANTS.flatMap((variant) =>
  LAYOUT_NAMES.map((layout) =>
    variant.mode === 'iptables' ? iptablesVariant(variant, layout) : nftVariant(variant, layout),
  ),
);

function iptablesVariant(variant: KernelVariant, layout: LayoutName): RoundTripVariant {
  const isDefault = layout === 'kube-proxy';
  return {
    ...variant,
    layout,
    title: isDefault ? variant.name : `${variant.name}, layout ${layout}`,
    roundTrip: (namespace, family, document) =>
      iptablesRoundTrip(variant, namespace, family, document),
    golden: isDefault
      ? [...goldenDocuments('.v4.rules', 'IPv4'), ...goldenDocuments('.v6.rules', 'IPv6')]
      : [],
  };
}

function nftVariant(variant: KernelVariant, layout: LayoutName): RoundTripVariant {
  const isDefault = layout === 'kube-proxy';
  return {
    ...variant,
    title: isDefault ? variant.name : `${variant.name}, layout ${layout}`,
    layout,
    roundTrip: (namespace, _family, document) => nftRoundTrip(namespace, document),
    // One script holds the tables of both families.
    golden: isDefault ? goldenDocuments('.nft', 'IPv4', 'golden/') : [],
  };
}

function goldenDocuments(
  suffix: string,
  family: Family,
  folder = '',
): readonly (readonly [Family, string])[] {
  return readdirSync(new URL(folder, FIXTURES), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(suffix))
    .sort()
    .map((path) => [family, `${folder}${path}`] as const);
}

async function iptablesRoundTrip(
  variant: KernelVariant,
  namespace: Namespace,
  family: Family,
  document: string,
): Promise<void> {
  const plain = VARIANTS.find(({ name }) => name === variant.name)!;
  await clearTables(namespace, plain, family);
  await variant.load(namespace, family, document);
  const saved = (await variant.save(namespace, family)).replace(/^\[\d+:\d+\] /gm, '');
  expect(linesByChain(saved)).to.deep.equal(linesByChain(document));
  expect(chainsWithRules(saved)).to.deep.equal(chainsWithRules(document));
}

/** A script makes its tables anew, and may hold both families. */
async function nftRoundTrip(namespace: Namespace, script: string): Promise<void> {
  await namespace.run('nft', ['-f', '-'], script);
  const written = parseNft(script);
  for (const [table, { family, name }] of written.tables) {
    const listed = parseNft(await namespace.run('nft', ['-j', 'list', 'table', family, name]));
    expect(plainTables(listed)[table]).to.deep.equal(plainTables(written)[table]);
    expect(listed.unreadable).to.deep.equal([]);
  }
}

/**
 * The rule lines as they stand, by table and chain, and every declared chain of ours. The one
 * difference that is allowed: 1.8.9 prints two blanks after `--nfacct-name`.
 */
function linesByChain(text: string): ReadonlyMap<string, readonly string[]> {
  const chains = new Map<string, string[]>();
  let table = '';
  for (const line of text.split('\n')) {
    const [word = '', chain = ''] = line.split(' ');
    if (word.startsWith('*')) table = word.slice(1);
    else if (word.startsWith(':KUBE-'))
      chains.set(`${table} ${word.slice(1)}`, chains.get(`${table} ${word.slice(1)}`) ?? []);
    else if (word === '-A') {
      const key = `${table} ${chain}`;
      chains.set(key, [
        ...(chains.get(key) ?? []),
        line.replace('--nfacct-name  ', '--nfacct-name '),
      ]);
    } else if (word !== '' && word !== 'COMMIT' && word !== '#' && !word.startsWith(':')) {
      throw new Error(`a line that is no rule: ${line}`);
    }
  }
  return new Map([...chains].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * What `parse` reads, without built-in chains that hold nothing: a document of ours does not name
 * them.
 */
function chainsWithRules(text: string): Record<string, Record<string, readonly string[]>> {
  const tables = Object.entries(toTables(parseDump(text))).map(([table, chains]) => [
    table,
    Object.fromEntries(
      Object.entries(chains).filter(
        ([chain, rules]) => chain.startsWith('KUBE-') || rules.length > 0,
      ),
    ),
  ]);
  return Object.fromEntries(tables.filter(([, chains]) => Object.keys(chains ?? {}).length > 0));
}

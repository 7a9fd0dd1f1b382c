/**
 * The rules of companions among the fixtures are what real tools print of them, in each variant of
 * iptables and in nft.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Family } from '../../src/index.js';
import { VARIANTS } from '../support/kernels/iptables-variants.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';

const FOLDER = 'fixtures/companions';
const FILES = readdirSync(FOLDER);
const textOf = (file: string): string => readFileSync(`${FOLDER}/${file}`, 'utf8');

const FAMILIES: readonly (readonly [Family, string])[] = [
  ['IPv4', 'iptables'],
  ['IPv6', 'ip6tables'],
];

/**
 * The rules of each chain in order, without counters, and chains that nothing was done to left out.
 */
function plain(dump: string): Readonly<Record<string, readonly string[]>> {
  const chains: Record<string, readonly string[]> = {};
  let table = '';
  for (const line of dump.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1);
    const [said, chain] = /^(?::(\S+) [A-Z-]+|-A (\S+) .*)/.exec(line)?.filter(Boolean) ?? [];
    if (said === undefined || (said.endsWith(' ACCEPT') && said.startsWith(':'))) continue;
    const key = `${table} ${chain}`;
    chains[key] = [...(chains[key] ?? []), said];
  }
  return chains;
}

/**
 * Without its rules about ipsets, which nothing makes here; a rule about a set that is not there
 * does not load.
 */
function withoutSets(dump: string): string {
  return dump.replace(/^.*--match-set .*\n/gm, '');
}

function listed(listing: string): readonly unknown[] {
  const { nftables } = JSON.parse(listing) as { readonly nftables: readonly object[] };
  return nftables.filter((object) => !('metainfo' in object));
}

describe('kernel: rules of companions', () => {
  let namespace: Namespace;
  beforeEach(async function () {
    requireKernel(this, [...VARIANTS.flatMap(({ tools }) => tools), 'nft']);
    namespace = await openNamespace('companions');
  });
  afterEach(() => namespace?.close());

  for (const [family, ending] of FAMILIES)
    for (const { name } of VARIANTS)
      for (const file of FILES.filter((one) => one.endsWith(`.${ending}`)))
        it(`${file} is what ${name} prints, ${family}`, async () => {
          const tool = name.replace('iptables', ending);
          const loaded = withoutSets(textOf(file));
          await namespace.run(`${tool}-restore`, [], loaded);
          expect(plain(await namespace.run(`${tool}-save`, []))).to.deep.equal(plain(loaded));
        });

  for (const file of FILES.filter((one) => one.endsWith('.nft')))
    it(`${file}.json is what nft prints of ${file}`, async () => {
      await namespace.run('nft', ['-f', '-'], textOf(file));
      expect(listed(await namespace.run('nft', ['-j', 'list', 'ruleset']))).to.deep.equal(
        listed(textOf(`${file}.json`)),
      );
    });
});

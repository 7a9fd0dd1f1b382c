/**
 * The kernel is asked: every document that a fixture produces loads with `iptables-restore --noflush`
 * in an empty namespace, and iptables-save prints the same lines back. (`--test` would prove nothing.)
 */

import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parseDump } from '../../src/backends/iptables/parse.js';
import {
  compileSnapshot,
  type Family,
  loadSnapshot,
  parseCidr,
  print,
  type Snapshot,
} from '../../src/index.js';
import {
  type ConformanceCase,
  conformanceCases,
  hasSharedCases,
  loadCase,
} from '../support/conformance-cases.js';
import { toTables } from '../support/iptables-tables.js';
import {
  clearTables,
  loadDocument,
  makeNfacctObjects,
  saveDocument,
  VARIANTS,
} from '../support/iptables-variants.js';
import { requireKernel } from '../support/kernel-tools.js';
import { type Namespace, openNamespace } from '../support/netns.js';

const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];
const FIXTURES = new URL('../../fixtures/', import.meta.url);
const everything = process.env.VIPC_FULL === '1';
const SAMPLE = 20;

const cases = conformanceCases();
const recordedHere = cases.filter((found) => found.recordedHere);
const beyond = sample(cases.filter((found) => !found.recordedHere));

for (const variant of VARIANTS) {
  describe(`kernel: ${variant.name} loads each document and saves the same lines`, () => {
    let namespace: Namespace;

    before(async function () {
      requireKernel(this, [...variant.tools, 'nfacct']);
      namespace = await openNamespace(variant.name);
      await makeNfacctObjects(namespace);
    });
    after(() => namespace?.close());

    async function roundTrip(family: Family, document: string): Promise<void> {
      await clearTables(namespace, variant, family);
      await loadDocument(namespace, variant, family, document);
      const saved = await saveDocument(namespace, variant, family);
      expect(linesByChain(saved)).to.deep.equal(linesByChain(document));
      expect(chainsWithRules(saved)).to.deep.equal(chainsWithRules(document));
    }

    async function roundTripCase(found: ConformanceCase): Promise<void> {
      const { compile } = loadCase(found);
      for (const family of FAMILIES) await roundTrip(family, print(compile(family).ruleset));
    }

    for (const found of recordedHere) it(found.name, () => roundTripCase(found));

    for (const family of FAMILIES) {
      for (const path of goldenDocuments(family)) {
        it(path, () => roundTrip(family, readFileSync(new URL(path, FIXTURES), 'utf8')));
      }
    }

    it('demo/manifests', () =>
      roundTrip('IPv4', print(compileSnapshot(demoSnapshot(), 'IPv4').ruleset)));

    describe(`recorded cases beside this checkout${everything ? '' : `, ${SAMPLE} of them (VIPC_FULL=1: all)`}`, () => {
      before(function () {
        if (hasSharedCases()) return;
        console.log('    skipped: the random and large cases are not beside this checkout');
        this.skip();
      });
      it(`${beyond.length} cases`, async () => {
        for (const found of beyond) await roundTripCase(found);
      }).timeout(600_000);
    });
  });
}

/** Some cases, spread evenly over all, or everything. */
function sample(all: readonly ConformanceCase[]): readonly ConformanceCase[] {
  if (everything) return all;
  const step = Math.max(1, Math.ceil(all.length / SAMPLE));
  return all.filter((_, i) => i % step === 0);
}

/** What scripts/demo compiles: manifests without ClusterIPs and slices. */
function demoSnapshot(): Snapshot {
  const folder = new URL('demo/manifests/', FIXTURES);
  const sources = readdirSync(folder).map((name) => ({
    name,
    text: readFileSync(new URL(name, folder), 'utf8'),
  }));
  return loadSnapshot(sources, { serviceCidrs: [parseCidr('10.96.0.0/16')!] }).snapshot;
}

/** Paths under `fixtures/` of the golden documents of one family. */
function goldenDocuments(family: Family): readonly string[] {
  const suffix = family === 'IPv4' ? '.v4.rules' : '.v6.rules';
  return readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(suffix))
    .sort();
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

/** What `parse` reads, without built-in chains that hold nothing: a document of ours does not name them. */
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

/**
 * The kernel is asked: every document that a fixture or a random cluster produces loads in a
 * namespace, and what the tool prints then is the very lines of the document. (`--test` and `nft
 * -c` would prove less: they commit nothing.)
 */

import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { parseDump } from '../../src/backends/nftables/syntax/parse.js';
import { defaultConfig } from '../../src/config/defaults.js';
import {
  compileSnapshot,
  type Family,
  loadSnapshot,
  parseCidr,
  print,
  type Snapshot,
} from '../../src/index.js';
import { seed } from '../support/arbitrary/property.js';
import { cluster, options } from '../support/arbitrary/snapshot.js';
import {
  type ConformanceCase,
  conformanceCases,
  hasSharedCases,
  loadCase,
} from '../support/cases/conformance-cases.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { plainTables } from '../support/kernels/nft-tables.js';
import { ROUND_TRIP_VARIANTS } from '../support/kernels/round-trip-variants.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';

const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];
const FIXTURES = new URL('../../fixtures/', import.meta.url);
const everything = process.env.VIPC_FULL === '1';
const SAMPLE = 8;
const RANDOM = everything ? 500 : 8;

const cases = conformanceCases();
const recordedHere = cases.filter((found) => found.recordedHere);
const beyond = sample(cases.filter((found) => !found.recordedHere));

for (const variant of ROUND_TRIP_VARIANTS) {
  const { mode, layout } = variant;

  describe(`kernel: ${variant.title} loads each document and lists the same lines`, () => {
    let namespace: Namespace;

    before(async function () {
      requireKernel(this, variant.tools);
      namespace = await openNamespace(variant.name);
      await variant.prepare(namespace);
    });
    after(() => namespace?.close());

    // Clusters of one family have the same document of the other: each is loaded once.
    const loaded = new Map<string, Promise<void>>();
    function roundTrip(family: Family, document: string): Promise<void> {
      const key = `${family}\n${document}`;
      const result = loaded.get(key) ?? variant.roundTrip(namespace, family, document);
      loaded.set(key, result);
      return result;
    }

    async function roundTripCase(found: ConformanceCase): Promise<void> {
      const { compile } = loadCase(found, mode, { layout });
      for (const family of FAMILIES) await roundTrip(family, print(compile(family).ruleset));
    }

    for (const found of recordedHere) it(found.name, () => roundTripCase(found));

    for (const [family, path] of variant.golden)
      it(path, () => roundTrip(family, readFileSync(new URL(path, FIXTURES), 'utf8')));

    it('demo/manifests', () =>
      roundTrip(
        'IPv4',
        print(
          compileSnapshot(demoSnapshot(), 'IPv4', { mode, config: { ...defaultConfig, layout } })
            .ruleset,
        ),
      ));

    it(`${RANDOM} random clusters (VIPC_SEED=${seed})`, async () => {
      const inputs = fc.sample(fc.tuple(cluster, options), { seed, numRuns: RANDOM });
      for (const [objects, given] of inputs) {
        const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
        const { snapshot } = loadSnapshot([{ name: 'cluster', text }]);
        for (const family of FAMILIES)
          await roundTrip(
            family,
            print(
              compileSnapshot(snapshot, family, {
                ...given,
                mode,
                config: { ...(given.config ?? defaultConfig), layout },
              }).ruleset,
            ),
          );
      }
    });

    it('a document without jumps loads as well', async () => {
      const { compile } = loadCase(recordedHere[0]!, mode);
      await roundTrip('IPv4', print(compile('IPv4').ruleset, { jumps: false }));
    });

    // iptables lists no clients: module recent keeps them outside of the rules.
    if (mode === 'nftables')
      it('remembered connections are not part of a listing', async () => {
        const found = recordedHere.find(({ name }) => name.endsWith('-session-affinity'))!;
        const script = print(loadCase(found, mode, { layout }).compile('IPv4').ruleset);
        await variant.roundTrip(namespace, 'IPv4', script);
        const set = /^add set ip kube-proxy (affinity-\S+)/m.exec(script)![1]!;
        await namespace.run('nft', ['add', 'element', 'ip', 'kube-proxy', set, '{ 192.0.2.7 }']);
        const listed = await variant.save(namespace, 'IPv4');
        expect(listed).to.include('192.0.2.7');
        expect(plainTables(parseDump(listed))).to.deep.equal(plainTables(parseDump(script)));
      });

    describe(`recorded cases beside this checkout${everything ? '' : `, ${SAMPLE} of them (VIPC_FULL=1: all)`}`, () => {
      before(function () {
        if (hasSharedCases()) return;
        console.log('    skipped: the random and large cases are not beside this checkout');
        this.skip();
      });
      it(`${beyond.length} cases`, async () => {
        for (const found of beyond) await roundTripCase(found);
      });
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

/**
 * The kernel is asked: every script that a fixture produces loads with `nft -f` in a namespace, and what nft lists
 * then reads as the very lines of the script. (`nft -c` would prove less: it commits nothing.)
 */

import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { parseDump } from '../../src/backends/nftables/parse.js';
import { compileSnapshot, type Family, loadSnapshot, print } from '../../src/index.js';
import { cluster, options } from '../support/arbitrary.js';
import {
  type ConformanceCase,
  conformanceCases,
  hasSharedCases,
  loadCase,
} from '../support/conformance-cases.js';
import { requireKernel } from '../support/kernel-tools.js';
import { type Namespace, openNamespace } from '../support/netns.js';
import { plainTables } from '../support/nft-tables.js';
import { seed } from '../support/property.js';

const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];
const GOLDEN = new URL('../../fixtures/golden/', import.meta.url);
const everything = process.env.VIPC_FULL === '1';
const SAMPLE = 20;
const RANDOM = everything ? 500 : 20;

const cases = conformanceCases();
const recordedHere = cases.filter((found) => found.recordedHere);
const beyond = cases
  .filter((found) => !found.recordedHere)
  .filter((_, i, all) => everything || i % Math.max(1, Math.ceil(all.length / SAMPLE)) === 0);

describe('kernel: nft loads each script and lists the same lines', () => {
  let namespace: Namespace;

  before(async function () {
    requireKernel(this, ['nft']);
    namespace = await openNamespace('nft');
  });
  after(() => namespace?.close());

  /** Loads a script of one or both families and looks at the tables that it makes. */
  async function roundTrip(script: string): Promise<void> {
    await namespace.run('nft', ['-f', '-'], script);
    const written = parseDump(script);
    for (const [table, { family, name }] of written.tables) {
      const listed = parseDump(await namespace.run('nft', ['-j', 'list', 'table', family, name]));
      expect(plainTables(listed)[table]).to.deep.equal(plainTables(written)[table]);
      expect(listed.unreadable).to.deep.equal([]);
    }
  }

  async function roundTripCase(found: ConformanceCase): Promise<void> {
    const { compile } = loadCase(found, 'nftables');
    await roundTrip(FAMILIES.map((family) => print(compile(family).ruleset)).join(''));
  }

  for (const found of recordedHere) it(found.name, () => roundTripCase(found));

  for (const path of goldenScripts()) {
    it(path, () => roundTrip(readFileSync(new URL(path, GOLDEN), 'utf8')));
  }

  it(`${RANDOM} random clusters (VIPC_SEED=${seed})`, async () => {
    const inputs = fc.sample(fc.tuple(cluster, options), { seed, numRuns: RANDOM });
    for (const [objects, given] of inputs) {
      const { snapshot } = loadSnapshot([
        {
          name: 'cluster',
          text: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
        },
      ]);
      const texts = FAMILIES.map((family) =>
        print(compileSnapshot(snapshot, family, { ...given, mode: 'nftables' }).ruleset),
      );
      await roundTrip(texts.join(''));
    }
  }).timeout(600_000);

  it('a script without jumps loads, too', async () => {
    const { compile } = loadCase(recordedHere[0]!, 'nftables');
    await roundTrip(print(compile('IPv4').ruleset, { jumps: false }));
  });

  it('connections that are remembered are no part of a listing', async () => {
    const found = recordedHere.find(({ name }) => name.endsWith('-session-affinity'))!;
    const { compile } = loadCase(found, 'nftables');
    const script = print(compile('IPv4').ruleset);
    await roundTrip(script);
    const set = /^add set ip kube-proxy (affinity-\S+)/m.exec(script)![1]!;
    await namespace.run('nft', ['add', 'element', 'ip', 'kube-proxy', set, '{ 192.0.2.7 }']);
    const listed = await namespace.run('nft', ['-j', 'list', 'table', 'ip', 'kube-proxy']);
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
    }).timeout(600_000);
  });
});

/** Paths under `fixtures/golden/` of the scripts that are expected there. */
function goldenScripts(): readonly string[] {
  return readdirSync(GOLDEN, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.nft'))
    .sort();
}

/**
 * The kernel is asked: a plan between two random rulesets of mode nftables, loaded beside other people's tables, gives
 * the second, leaves every rule, chain and set alone that is in both, and leaves nothing to do.
 */

import { expect } from 'chai';
import fc from 'fast-check';
import { planFromDump, planFromRuleset } from '../../src/backends/nftables/diff.js';
import { NEXT_TRANSACTION, nftInput } from '../../src/backends/nftables/load.js';
import { parseDump } from '../../src/backends/nftables/parse.js';
import { type Family, print, type Ruleset } from '../../src/index.js';
import type { FamilyPlan } from '../../src/plan/types.js';
import { rulesetPair } from '../support/arbitrary-pair.js';
import { requireKernel } from '../support/kernel-tools.js';
import { type Namespace, openNamespace } from '../support/netns.js';
import { handlesOf } from '../support/nft-handles.js';
import { plainTables } from '../support/nft-tables.js';
import { seed } from '../support/property.js';

const PAIRS = process.env.VIPC_FULL === '1' ? 200 : 60;

const FOREIGN = `
add table ip other
add map ip other service-ips { type ipv4_addr : verdict ; }
add chain ip other services { type filter hook input priority 5 ; }
add rule ip other services ip saddr 192.0.2.1 counter drop
add table inet kube-proxy
add chain inet kube-proxy services
add rule inet kube-proxy services accept
`;

describe('kernel: nft goes from ruleset to ruleset', () => {
  let namespace: Namespace;

  before(async function () {
    requireKernel(this, ['nft']);
    namespace = await openNamespace('nft-pairs');
    await namespace.run('nft', ['-f', '-'], FOREIGN);
  });
  after(() => namespace?.close());

  /** What nft lists of our table of a family. */
  async function list(family: Family): Promise<string> {
    const table = [family === 'IPv4' ? 'ip' : 'ip6', 'kube-proxy'];
    return namespace.run('nft', ['-j', 'list', 'table', ...table]).catch((error: unknown) => {
      if (String(error).includes('No such file or directory')) return '{"nftables": []}';
      throw error;
    });
  }

  async function carryOut(plan: FamilyPlan, ruleset: Ruleset, twoSteps: boolean): Promise<void> {
    const before = await list(plan.family);
    const input = nftInput(plan, { twoSteps });
    for (const script of input === '' ? [] : input.split(NEXT_TRANSACTION)) {
      await namespace.run('nft', ['-f', '-'], script).catch((error: unknown) => {
        throw new Error(`VIPC_SEED=${seed}: ${String(error)}\n${input}`);
      });
    }
    const listed = await list(plan.family);
    const dump = parseDump(listed);
    expect(plainTables(dump), `VIPC_SEED=${seed}`).to.deep.equal(
      plainTables(parseDump(print(ruleset))),
    );
    checkKept(before, listed);
    const again = planFromDump(dump, ruleset);
    expect([...again.changes, ...again.leftovers, ...again.comments]).to.deep.equal([]);
  }

  it(`of ${PAIRS} random pairs`, async () => {
    const foreign = await namespace.run('nft', ['-j', 'list', 'table', 'ip', 'other']);
    const draws = fc.sample(rulesetPair, { seed, numRuns: PAIRS / 2 });
    for (const [i, pair] of draws.entries()) {
      for (const family of ['IPv4', 'IPv6'] as const) {
        const [a, b] = pair(family, 'nftables');
        await carryOut(planFromDump(parseDump(await list(family)), a), a, i % 3 === 0);
        const dump = parseDump(await list(family));
        const plan = i % 2 === 0 ? planFromRuleset(a, b) : planFromDump(dump, b);
        await carryOut(plan, b, i % 3 === 1);
      }
    }
    expect(await namespace.run('nft', ['-j', 'list', 'table', 'ip', 'other'])).to.equal(foreign);
  }).timeout(600_000);
});

/**
 * Whatever is the same before and after was not touched: the kernel gives every new thing a new handle. Only rules that
 * name a set of another kind now had to let go of it in between.
 */
function checkKept(before: string, after: string): void {
  const [old, fresh] = [handlesOf(before), handlesOf(after)];
  const remade = [...old].flatMap(([key, { content }]) =>
    key.includes(' set ') && fresh.has(key) && fresh.get(key)?.content !== content
      ? [`"@${key.split(' ')[3]}"`]
      : [],
  );
  for (const [key, { content, handles }] of old) {
    const now = fresh.get(key);
    if (now?.content !== content || remade.some((name) => content.includes(name))) continue;
    expect(now.handles, key).to.deep.equal(handles);
  }
}

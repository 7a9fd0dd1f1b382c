/**
 * How many runs of nft the check of what all Services share takes, and that it always gets its
 * answers.
 */

import { expect } from 'chai';
import { dumpChains } from '../../../../src/backends/nftables/chains.js';
import { SharedListings } from '../../../../src/backends/nftables/check/shared-listings.js';
import { parseDump } from '../../../../src/backends/nftables/syntax/parse.js';
import type { Command, CommandResult } from '../../../../src/host/host.js';
import { compileSnapshot } from '../../../../src/pipeline.js';
import { snapshotOf } from '../../../model/support.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { MemoryHost } from '../../../support/kernels/memory-host.js';

const { ruleset } = compileSnapshot(snapshotOf(), 'IPv4', { mode: 'nftables' });
const TABLE = 'ip kube-proxy';
const WANTED = dumpChains(
  parseDump(
    '{"nftables": [{"set": {"family": "ip", "table": "kube-proxy", "name": "a", "type": "ipv4_addr"}}, {"map": {"family": "ip", "table": "kube-proxy", "name": "b", "type": "ipv4_addr", "map": "verdict"}}]}',
    { name: 'nft' },
  ),
  TABLE,
);
const RULES = [{ chain: 'services', handle: 7 }];
const AT_ONCE =
  'list chains ip; list set ip kube-proxy a; list map ip kube-proxy b; delete rule ip kube-proxy services handle 7';
const ONE_BY_ONE = ['list chains ip', 'list set ip kube-proxy a', 'list map ip kube-proxy b'];

function exited(stdout: string, code = 0, stderr = ''): CommandResult {
  return { kind: 'exited', code, stdout, stderr };
}

describe('backends/nftables/check/shared-listings', () => {
  let clock: FakeClock;
  let seconds: { atOnce: number; oneByOne: number };
  let atOnce: (lines: readonly string[]) => CommandResult;

  beforeEach(() => {
    clock = new FakeClock();
    seconds = { atOnce: 1, oneByOne: 1 };
    atOnce = (lines) => exited(lines.map((line) => `{${line}}\n`).join(''));
  });

  /** Each listing answers `{QUESTION}`. */
  function nft({ args }: Command): CommandResult {
    if (args[1] === '-c') {
      clock.pass(seconds.atOnce);
      return atOnce((args[2] ?? '').split('; ').filter((line) => line.startsWith('list')));
    }
    clock.pass(seconds.oneByOne);
    return exited(`{${args.slice(1).join(' ')}}\n`);
  }

  const host = new MemoryHost({ answer: (command) => nft(command) });
  const target = {
    host,
    family: 'IPv4',
    ruleset,
    tools: { family: 'IPv4', variant: 'nf_tables', save: 'nft', restore: 'nft', version: '1.0.6' },
  } as const;

  /** The commands of one read. */
  async function read(listings: SharedListings, rules = RULES): Promise<readonly string[]> {
    const before = host.ran.length;
    const listed = await listings.read(target, WANTED, rules);
    expect(listed.chains).to.equal('{list chains ip}\n');
    expect([...listed.sets]).to.deep.equal([
      ['ip kube-proxy @a', '{list set ip kube-proxy a}\n'],
      ['ip kube-proxy @b', '{list map ip kube-proxy b}\n'],
    ]);
    const ran = host.ran.slice(before).map(({ args }) => args.slice(1).join(' '));
    expect(listed.hasRules).to.equal(ran.length === 1);
    return ran;
  }

  it('takes one run where rules are to be looked at too', async () => {
    const listings = new SharedListings(() => clock.now());
    expect(await read(listings, [])).to.deep.equal(ONE_BY_ONE);
    expect(await read(listings)).to.deep.equal([`-c ${AT_ONCE}`]);
  });

  it('asks one by one where nft refuses, or leaves an answer out', async () => {
    const listings = new SharedListings(() => clock.now());
    for (const answer of [
      exited('', 1, 'Error: Could not process rule: No such file or directory'),
      exited('{list chains ip}\n'),
      exited(''),
    ]) {
      atOnce = () => answer;
      expect(await read(listings)).to.deep.equal([`-c ${AT_ONCE}`, ...ONE_BY_ONE]);
    }
  });

  it('prefers the faster way, and tries the other one again after a while', async () => {
    const listings = new SharedListings(() => clock.now());
    seconds.atOnce = 6;
    await read(listings, []);
    expect(await read(listings)).to.have.length(1);
    for (let i = 0; i < 23; i++) expect(await read(listings)).to.deep.equal(ONE_BY_ONE);
    seconds.atOnce = 1;
    expect(await read(listings)).to.have.length(1);
    expect(await read(listings)).to.have.length(1);
  });
});

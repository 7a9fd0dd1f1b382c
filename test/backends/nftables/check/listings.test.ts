/** What nft is asked for where the sets of all Services are listed elsewhere. */

import { expect } from 'chai';
import { itemsWithout } from '../../../../src/backends/nftables/check/listings.js';
import { compileSnapshot } from '../../../../src/pipeline.js';
import { service, slice, snapshotOf } from '../../../model/support.js';
import { MemoryHost } from '../../../support/kernels/memory-host.js';

const LISTING = JSON.stringify({
  nftables: [
    { map: { family: 'ip', table: 'kube-proxy', name: 'endpoints', elem: [[1, 2]] } },
    { chain: { family: 'ip', table: 'kube-proxy', name: 'services' } },
    { rule: { family: 'ip', table: 'kube-proxy', chain: 'services', handle: 7 } },
  ],
});

/** The arguments of nft, and the units that were found. */
async function asked(made: string): Promise<readonly [readonly string[], readonly string[]]> {
  const snapshot = snapshotOf(
    service('a', { sessionAffinity: 'ClientIP' }),
    slice('a', ['10.1.0.1']),
  );
  const { ruleset } = compileSnapshot(snapshot, 'IPv4', { mode: 'nftables' });
  const ports = ruleset.ports.map(({ origin, text }) => ({ origin, text: `${text}${made}` }));
  const commands: (readonly string[])[] = [];
  const host = new MemoryHost({
    answer: ({ args }) => {
      commands.push(args);
      return { kind: 'exited', code: 0, stdout: LISTING, stderr: '' };
    },
  });
  const tools = { family: 'IPv4', variant: 'nf_tables', version: '1.0.6' } as const;
  const { units } = await itemsWithout(
    {
      ...{ host, family: 'IPv4', tools: { ...tools, save: 'nft', restore: 'nft' } },
      ruleset: { ...ruleset, ports },
    },
    new Set(['endpoints']),
  );
  return [commands.flat(), [...units.keys()]];
}

describe('backends/nftables/check/listings', () => {
  const table = ['list', 'table', 'ip', 'kube-proxy'];
  const units = ['chain services'];

  it('lists no elements where all other sets hold what packets left in them', async () => {
    expect(await asked('')).to.deep.equal([['-j', '-t', ...table], units]);
  });

  it('lists those of other sets', async () => {
    const set = 'add set ip kube-proxy own { type ipv4_addr ; comment "flags dynamic" ; }\n';
    expect(await asked(set)).to.deep.equal([['-j', ...table], units]);
  });
});

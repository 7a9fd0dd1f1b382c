/**
 * That the tests under load see a packet that the node loses, and only such a one: TCP sends it
 * again, so that no connection fails.
 */

import { expect } from 'chai';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import type { Namespace } from '../support/machines/netns.js';
import { until } from '../support/until.js';
import { lostPackets } from './passage.js';
import { type Machines, openMachines } from './traffic-machines.js';
import { failures, PER_SECOND, POD_PORT } from './under-load.js';

const POD = '10.61.0.1';
const FIRST = 'tcp flags & (syn|ack) == syn';
const SECOND = 'tcp flags & (syn|ack) == syn|ack';

describe('packets: what is counted under load', () => {
  let machines: Machines;
  beforeEach(async function () {
    requireKernel(this, ['nft']);
    machines = await openMachines();
    await machines.servers.serve(POD, POD_PORT);
  });
  afterEach(() => machines?.close());

  /** Packets dropped at this place for a moment while connections are opened. */
  async function dropped(space: Namespace, hook: string, packets: string): Promise<number> {
    await machines.client.connect(POD, POD_PORT, PER_SECOND);
    await space.run('nft', ['-f', '-'], dropping(hook, packets));
    const count = async (): Promise<number> => {
      const listed = await space.run('nft', ['list', 'table', 'inet', 'faulty']);
      return Number(/\bpackets (\d+)/.exec(listed)?.[1]);
    };
    await until(async () => (await count()) > 0);
    await space.run('nft', ['flush', 'chain', 'inet', 'faulty', 'loses']);
    const drops = await space.run('nft', ['list', 'counters', 'table', 'inet', 'faulty']);
    expect(failures(await machines.client.stop())).to.deep.equal([]);
    return Number(/\bpackets (\d+)/.exec(drops)?.[1]);
  }

  for (const packets of [FIRST, SECOND])
    it(`counts every packet that the node loses (${packets})`, async () => {
      const drops = await dropped(machines.node, 'forward', packets);
      expect(drops).to.be.greaterThan(0);
      expect(await lostPackets(machines.node)).to.equal(drops);
    });

  it('counts none that an end loses', async () => {
    expect(await dropped(machines.clientSpace, 'input', SECOND)).to.be.greaterThan(0);
    expect(await lostPackets(machines.node)).to.equal(0);
  });
});

function dropping(hook: string, packets: string): string {
  return `table inet faulty {
    counter dropped { }
    chain loses {
      type filter hook ${hook} priority 0
      ${packets} counter name "dropped" drop
    }
  }\n`;
}

/**
 * An agent is started with another mode, and with the old one again: the old rules go after the new
 * ones are there.
 */

import { expect } from 'chai';
import { BACKENDS } from '../../src/backends/index.js';
import { PER_SECOND } from '../packets/under-load.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { type AgentProcess, isSync } from '../support/process/agent-process.js';
import { until } from '../support/until.js';
import { AGENT_MODES, type AgentMode, FAMILIES } from './node.js';
import { ShopTraffic } from './shop-traffic.js';

const IPTABLES_MODES = AGENT_MODES.filter(({ mode }) => mode === 'iptables');
const NFTABLES = AGENT_MODES.find(({ mode }) => mode === 'nftables')!;

for (const mode of IPTABLES_MODES)
  describe(`e2e: an agent changes its mode under ${PER_SECOND} new connections per second, ${mode.name}`, () => {
    let shop: ShopTraffic;
    let agent: AgentProcess;

    before(async function () {
      requireKernel(this, ['iptables-nft', 'iptables-legacy', 'nft', 'conntrack', 'openssl']);
      shop = await ShopTraffic.open();
      agent = await shop.node.start(mode);
      await shop.node.settled(mode);
    });
    after(() => shop?.close());

    const change = async (from: AgentMode, to: AgentMode): Promise<void> => {
      await shop.withoutLoss(async () => {
        await agent.stop();
        agent = await shop.node.start(to);
        for (const family of FAMILIES) await agent.until('first sync', isSync(family));
        await gone(shop, from);
        await shop.roll(to);
      });
      await shop.node.settled(to);
    };

    it('to nftables', () => change(mode, NFTABLES));

    it('and back', () => change(NFTABLES, mode));

    it('and nothing failed', () => {
      expect(agent.log.filter(({ level }) => level === 'error')).to.deep.equal([]);
    });
  });

/** Waits until neither family has any rule of the mode. */
async function gone(shop: ShopTraffic, { mode, iptables }: AgentMode): Promise<void> {
  const host = new NamespaceHost(shop.node.namespace);
  for (const family of FAMILIES)
    await until(
      async () => {
        const read = iptables === undefined ? {} : { iptables };
        const { rules } = await BACKENDS[mode].kernel.read(host, family, read);
        return !rules.isProgrammed();
      },
      () => `${family} rules of mode ${mode} are gone`,
    );
}

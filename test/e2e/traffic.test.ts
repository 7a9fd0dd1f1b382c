/**
 * New connections all the time, in both families: nobody who serves is missed while every endpoint
 * is replaced, while the agent ends and starts, while it is killed, and none but in the drift
 * itself while somebody takes its rules away.
 */

import { expect } from 'chai';
import type { Family } from '../../src/index.js';
import { PER_SECOND, pause } from '../packets/under-load.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { now } from '../support/machines/traffic-protocol.js';
import { type AgentProcess, isSync } from '../support/process/agent-process.js';
import { AGENT_MODES, type AgentMode, FAMILIES } from './node.js';
import { described, lost, ShopTraffic, VIPS } from './shop-traffic.js';

const FULL = process.env.VIPC_FULL === '1';
const ROUNDS = FULL ? 20 : 3;
const KILLS = FULL ? 10 : 2;
const DRIFTS = FULL ? 5 : 1;
/** Of the agents after one that was killed: at last the first one again. */
const LAYOUTS = ['fast', 'kube-proxy'] as const;

for (const mode of AGENT_MODES)
  describe(`e2e: ${PER_SECOND} new connections per second through an agent, ${mode.name}`, () => {
    let shop: ShopTraffic;
    let agent: AgentProcess;

    before(async function () {
      requireKernel(this, ['iptables-nft', 'iptables-legacy', 'nft', 'conntrack', 'openssl']);
      shop = await ShopTraffic.open();
      agent = await shop.node.start(mode);
      await shop.node.settled(mode);
    });
    after(() => shop?.close());

    it(`all endpoints are replaced ${ROUNDS} times`, async () => {
      await shop.withoutLoss(async () => {
        for (let round = 0; round < ROUNDS; round++) await shop.roll(mode);
      });
    });

    it('the agent ends and starts again while all endpoints are replaced', async () => {
      await shop.withoutLoss(async () => {
        const rolling = shop.roll(mode);
        expect(await agent.stop()).to.deep.equal({ code: 0, signal: null });
        agent = await shop.node.start(mode);
        await rolling;
      });
    });

    it(`the agent is killed ${KILLS} times while all endpoints are replaced, and goes on in another layout`, async () => {
      await shop.withoutLoss(async () => {
        for (let i = 0; i < KILLS; i++) {
          const rolling = shop.roll(mode);
          await pause(i * 40);
          await agent.stop('SIGKILL');
          agent = await shop.node.start(mode, { flags: ['--layout', LAYOUTS[i % 2]!] });
          await rolling;
        }
      });
    });

    it('the rules are taken away: some are lost until they are back, and none after that', async () => {
      for (let i = 0; i < DRIFTS; i++)
        for (const drift of DRIFTS_OF[mode.mode]) {
          const repaired = new Map<Family, number>();
          let from = 0;
          const connections = await shop.underLoad(async () => {
            const start = agent.log.length;
            from = now();
            await shop.node.namespace.script(drift(mode));
            for (const family of FAMILIES)
              repaired.set(family, await repairedAt(agent, family, start));
          });
          const missed = lost(connections);
          const outside = missed.filter(({ to, start, end }) => {
            const family = to === VIPS.IPv4 ? 'IPv4' : 'IPv6';
            return end < from || start > repaired.get(family)!;
          });
          expect(outside.map(described)).to.deep.equal([]);
          const took = FAMILIES.map((family) => (repaired.get(family)! - from).toFixed(0));
          console.log(
            `      ${missed.length} of ${connections.length} lost, back after ${took.join(' and ')} ms`,
          );
          await shop.withoutLoss(() => shop.roll(mode));
        }
    });
  });

/** What another program does to our rules, in both families. */
const DRIFTS_OF: Readonly<Record<AgentMode['mode'], readonly ((mode: AgentMode) => string)[]>> = {
  iptables: [
    ({ name }) => `${name} -t nat -F KUBE-SERVICES; ${name.replace('ip', 'ip6')} -t nat -F`,
  ],
  nftables: [() => 'nft delete table ip kube-proxy; nft flush chain ip6 kube-proxy services'],
};

/** When the log had the new load of the family. */
async function repairedAt(agent: AgentProcess, family: Family, start: number): Promise<number> {
  const isRepair = isSync(family);
  await agent.until(
    `${family} is repaired`,
    (line) => isRepair(line) && line.kind === 'full' && Number(line.bytesSent) > 0,
    start,
  );
  return now();
}

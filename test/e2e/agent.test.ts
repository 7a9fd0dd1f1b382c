/**
 * The agent as a process, an API server and the real kernel: it gets there, follows, and stays out
 * of the way.
 */

import { expect } from 'chai';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { isSync } from '../support/process/agent-process.js';
import { AGENT_MODES, AgentNode } from './node.js';
import { cluster, shop, slice } from './objects.js';

for (const mode of AGENT_MODES)
  describe(`e2e: an agent, ${mode.name}`, () => {
    let node: AgentNode;

    before(function () {
      requireKernel(this, ['iptables-nft', 'iptables-legacy', 'nft', 'conntrack', 'openssl']);
    });
    beforeEach(async () => {
      node = await AgentNode.open({ objects: cluster(5) });
    });
    afterEach(() => node?.close());

    it('brings the kernel to what the server holds, follows it, and leaves the rules when it ends', async () => {
      const agent = await node.start(mode);
      await agent.until('first sync', isSync('IPv6'));
      await node.settled(mode);
      await node.server.setMany(shop('late', 77));
      await node.server.set(slice('s1', 'IPv4', ['10.9.9.1', '10.9.9.2']));
      await node.server.delete({ kind: 'Service', namespace: 'shop', name: 's2' });
      await node.settled(mode);
      expect(await agent.stop()).to.deep.equal({ code: 0, signal: null });
      expect(agent.other).to.deep.equal([]);
      expect(await node.differences(mode)).to.equal('');
    });

    it('starts from what the kernel holds: a restart writes only what changed', async () => {
      const first = await node.start(mode);
      const whole = await first.until('first sync', isSync('IPv4'));
      await first.until('first sync', isSync('IPv6'));
      await node.settled(mode);
      await first.stop('SIGKILL');
      const same = await node.start(mode);
      for (const family of ['IPv4', 'IPv6'] as const) {
        const line = await same.until('sync', isSync(family));
        expect(line).to.deep.include({ kind: 'full', bytesSent: 0 });
      }
      await same.stop();
      await node.server.set(slice('s1', 'IPv4', ['10.9.9.1']));
      const other = await node.start(mode);
      const line = await other.until('sync', isSync('IPv4'));
      expect(line.kind).to.equal('full');
      expect(Number(line.bytesSent)).to.be.within(1, Number(whole.bytesSent) / 3);
      await node.settled(mode);
    });
  });

/**
 * A machine boots while its API server is away: it has the rules of before, and none that are older
 * than what the kernel holds.
 */

import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { cleanUp } from '../../src/apply/cleanup.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { type AgentProcess, isSync } from '../support/process/agent-process.js';
import { AGENT_MODES, AgentNode, FAMILIES } from './node.js';
import { cluster, shop, slice } from './objects.js';

for (const mode of AGENT_MODES)
  describe(`e2e: an agent with its last good state, ${mode.name}`, () => {
    let node: AgentNode;

    before(async function () {
      requireKernel(this, ['iptables-nft', 'iptables-legacy', 'nft', 'conntrack', 'openssl']);
      node = await AgentNode.open({ objects: cluster(3) });
    });
    after(() => node?.close());

    it('reports a broken file, boots from a good one, and never goes back to an old one', async () => {
      const file = join(node.folder, 'last-good.json');
      const old = join(node.folder, 'old.json');
      await writeFile(file, '{"apiVersion":"v1","kind":"List","items":[\n{"kind":"Serv');

      const first = await node.start(mode, { flags: ['--last-good', file] });
      const warning = await first.until('broken', ({ code }) => code === 'last-good-broken');
      expect(warning).to.include({ level: 'warn' });
      await synced(first);
      await node.settled(mode);
      const before = await node.server.objects();
      expect(await first.stop()).to.deep.equal({ code: 0, signal: null });
      await copyFile(file, old);

      // A boot: no rules, and no source for them.
      await cleanUp(new NamespaceHost(node.namespace), {
        families: FAMILIES,
        lock: { timeout: 10_000, about: 'a boot' },
      });
      expect(await node.differences(mode)).to.not.equal('');
      await node.server.stop('kill');
      const booted = await node.start(mode, { flags: ['--last-good', file] });
      await synced(booted);
      expect(await node.differences(mode, before)).to.equal('');

      await node.server.setMany(shop('late', 77));
      await node.server.set(slice('s1', 'IPv4', ['10.9.9.1']));
      await node.server.delete({ kind: 'Service', namespace: 'shop', name: 's2' });
      expect(await node.differences(mode)).to.not.equal('');
      await node.server.start();
      await node.settled(mode);
      await booted.stop('SIGKILL');

      // What the kernel holds is newer than the file.
      await node.server.stop('kill');
      const again = await node.start(mode, { flags: ['--last-good', old] });
      await again.until('no server', ({ part, kind }) => part === 'source' && kind !== undefined);
      await node.server.start();
      await synced(again);
      const wrote = again.log.filter((line) => isSync()(line) && line.bytesSent !== 0);
      expect(wrote).to.deep.equal([]);
      expect(await node.differences(mode)).to.equal('');
    });
  });

async function synced(agent: AgentProcess): Promise<void> {
  for (const family of FAMILIES) await agent.until('sync', isSync(family));
}

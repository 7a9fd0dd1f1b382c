/**
 * Under a steady load of new connections a node goes from mode iptables to mode nftables and back:
 * the new rules are there before the old ones go. In between endpoints come and go. No connection
 * is lost.
 */

import { expect } from 'chai';
import { Applier } from '../../src/apply/applier.js';
import { cleanUp } from '../../src/apply/cleanup.js';
import { BACKENDS } from '../../src/backends/index.js';
import { type BackendName, compileSnapshot, updateSnapshot } from '../../src/index.js';
import { dumpText } from '../support/cases/dumps.js';
import { loadDocument, makeNfacctObjects, VARIANTS } from '../support/kernels/iptables-variants.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { now } from '../support/machines/traffic-protocol.js';
import { endpointSteps } from './endpoint-steps.js';
import { lostPackets } from './passage.js';
import { type Machines, openMachines } from './traffic-machines.js';
import {
  type Applied,
  CASE,
  CHANGES,
  failures,
  PACE,
  PER_SECOND,
  POD_PORT,
  pause,
  plainCase,
  QUIET,
  RECORDED_PODS,
  sliceOf,
  VIP,
  VIP_PORT,
} from './under-load.js';

const LOCK = { timeout: 10_000, about: 'test' };

for (const variant of VARIANTS) {
  describe(`packets: modes change under ${PER_SECOND} new connections per second (${variant.name})`, () => {
    let machines: Machines;
    let host: NamespaceHost;

    before(async function () {
      requireKernel(this, [...variant.tools, 'nfacct', 'nft']);
      machines = await openMachines();
      await makeNfacctObjects(machines.node);
      for (const pod of RECORDED_PODS) await machines.servers.serve(pod, POD_PORT);
      // kube-proxy was here.
      await loadDocument(machines.node, variant, 'IPv4', dumpText(`input/${CASE}.v4.restore`));
      host = new NamespaceHost(machines.node);
    });
    after(() => machines?.close());

    const applierOf = (mode: BackendName): Applier =>
      new Applier({
        host,
        backend: BACKENDS[mode],
        family: 'IPv4',
        lock: LOCK,
        ...(mode === 'iptables'
          ? { read: () => ({ iptables: variant.name === 'iptables-nft' ? 'nft' : 'legacy' }) }
          : {}),
        lockTimeout: 10_000,
        timeout: 10_000,
        failedFolder: '/nonexistent',
        verify: true,
      });
    const cleanOf = (mode: BackendName) =>
      cleanUp(host, { families: ['IPv4', 'IPv6'], modes: [mode], lock: LOCK });

    /** Does it under load, and looks who was not answered. */
    async function underLoad(
      work: () => Promise<void>,
      applied: readonly Applied[] = [],
    ): Promise<void> {
      const lost = await lostPackets(machines.node);
      await machines.client.connect(VIP, VIP_PORT, PER_SECOND);
      await pause(QUIET);
      await work();
      await pause(QUIET);
      const connections = await machines.client.stop();
      expect(failures(connections, applied)).to.deep.equal([]);
      expect(connections.length).to.be.greaterThan((PER_SECOND * 2 * QUIET) / 1000 / 2);
      expect(await lostPackets(machines.node)).to.equal(lost);
    }

    it('from iptables to nftables', async () => {
      const { snapshot, options } = plainCase();
      await underLoad(async () => {
        const compiled = compileSnapshot(snapshot, 'IPv4', { ...options, mode: 'nftables' });
        await applierOf('nftables').apply(compiled);
        const { steps } = await cleanOf('iptables');
        expect(steps.map(({ kind }) => kind))
          .to.include('rules')
          .and.not.include('table');
      });
      const tables = await machines.node.run('nft', ['list', 'tables']);
      expect(tables).to.include('table ip kube-proxy');
    });

    it(`loses none over ${CHANGES} changes of its endpoints in mode nftables, ten per second`, async () => {
      const { snapshot, options } = plainCase();
      const applier = applierOf('nftables');
      const nft = { ...options, mode: 'nftables' } as const;
      let compiled = compileSnapshot(snapshot, 'IPv4', nft);
      expect((await applier.apply(compiled)).sent).to.deep.equal([]);
      const applied: Applied[] = [];
      const ended = new Set<string>();
      await underLoad(async () => {
        const start = now();
        for (const [i, step] of endpointSteps(RECORDED_PODS, CHANGES).entries()) {
          await pause(start + i * PACE - now());
          for (const address of step.serve) await machines.servers.serve(address, POD_PORT);
          const last = applied.at(-1);
          if (last !== undefined) last.to = now();
          const changed = updateSnapshot(snapshot, { set: [sliceOf(snapshot, step.endpoints)] });
          compiled = compileSnapshot(changed, 'IPv4', nft, compiled);
          const { from, sent } = await applier.apply(compiled);
          expect([from, sent.length]).to.deep.equal(['memory', 1]);
          applied.push({ from: now(), to: Number.POSITIVE_INFINITY, endpoints: step.endpoints });
          for (const address of step.end) {
            await machines.servers.end(address);
            ended.add(address);
          }
        }
      }, applied);
      // Back to those that the next test begins with.
      for (const pod of RECORDED_PODS)
        if (ended.has(pod)) await machines.servers.serve(pod, POD_PORT);
      await applier.apply(compileSnapshot(snapshot, 'IPv4', nft));
    });

    it('from nftables to iptables', async () => {
      const { snapshot, options } = plainCase();
      await underLoad(async () => {
        await applierOf('iptables').apply(compileSnapshot(snapshot, 'IPv4', options));
        const { steps } = await cleanOf('nftables');
        expect(steps.map(({ kind }) => kind)).to.deep.equal(['table']);
      });
      expect(await machines.node.run('nft', ['list', 'tables'])).to.not.include('kube-proxy');
    });
  });
}

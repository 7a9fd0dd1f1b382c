/**
 * Under a steady load of new connections: from the rules of one kube-proxy to those of another and
 * back, in one table, without a connection being lost. The kernel ends with what it began with.
 */

import { expect } from 'chai';
import { Applier } from '../../src/apply/applier.js';
import { BACKENDS } from '../../src/backends/index.js';
import { type BackendName, type Compiled, compileSnapshot } from '../../src/index.js';
import { profileOf } from '../../src/profiles/profiles.js';
import { makeNfacctObjects } from '../support/kernels/iptables-variants.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { type Machines, openMachines } from './traffic-machines.js';
import {
  failures,
  PER_SECOND,
  POD_PORT,
  pause,
  plainCase,
  QUIET,
  RECORDED_PODS,
  repeatedSyns,
  VIP,
  VIP_PORT,
} from './under-load.js';

const PAIRS: readonly (readonly [mode: BackendName, one: string, other: string])[] = [
  ['iptables', '1.30', '1.36'],
  ['nftables', '1.33.5', '1.36'],
];

function compiledFor(mode: BackendName, version: string): Compiled {
  const { snapshot, options } = plainCase();
  const config = { ...options.config!, profile: profileOf(version)! };
  return compileSnapshot(snapshot, 'IPv4', { ...options, config, mode });
}

for (const [mode, one, other] of PAIRS)
  describe(`packets: profiles switched under ${PER_SECOND} new connections per second (${mode})`, () => {
    let machines: Machines;

    before(async function () {
      requireKernel(this, mode === 'iptables' ? ['iptables-nft', 'nfacct'] : ['nft']);
      machines = await openMachines();
      if (mode === 'iptables') await makeNfacctObjects(machines.node);
      for (const pod of RECORDED_PODS) await machines.servers.serve(pod, POD_PORT);
    });
    after(() => machines?.close());

    it(`goes from ${one} to ${other} and back, and loses none`, async () => {
      const backend = BACKENDS[mode];
      const host = new NamespaceHost(machines.node);
      const applier = new Applier({
        host,
        backend,
        family: 'IPv4',
        lock: { timeout: 10_000, about: 'test' },
        read: () => (mode === 'iptables' ? { iptables: 'nft' } : {}),
        lockTimeout: 10_000,
        timeout: 10_000,
        failedFolder: '/nonexistent',
        verify: true,
      });
      const [a, b] = [compiledFor(mode, one), compiledFor(mode, other)];
      const read = () => backend.kernel.read(host, 'IPv4', {});
      await applier.apply(a);
      const start = await read();
      await machines.client.connect(VIP, VIP_PORT, PER_SECOND);
      for (const next of [b, a, b, a]) {
        await pause(QUIET);
        expect((await applier.apply(next)).sent).to.have.length.greaterThan(0);
      }
      await pause(QUIET);
      const connections = await machines.client.stop();

      expect(failures(connections)).to.deep.equal([]);
      expect(await repeatedSyns(machines.clientSpace)).to.equal(0);
      expect(connections.length).to.be.greaterThan(PER_SECOND / 2);
      const { changes, leftovers, comments } = (await read()).rules.plan(a.ruleset);
      expect([...changes, ...leftovers, ...comments]).to.deep.equal([]);
      const end = await read();
      const plan = start.rules.plan(a.ruleset);
      expect(end.rules.fingerprint(plan)).to.equal(start.rules.fingerprint(plan));
      expect(end.rules.writers().profiles).to.deep.equal(start.rules.writers().profiles);
    });
  });

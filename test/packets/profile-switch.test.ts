/**
 * Under a steady load of new connections: from the rules of one kube-proxy to those of another and
 * back, in one table, without a connection being lost. Each version that comes again has the rules
 * that it began with.
 */

import { expect } from 'chai';
import { Applier } from '../../src/apply/applier.js';
import { BACKENDS } from '../../src/backends/index.js';
import {
  type BackendName,
  type Compiled,
  compileSnapshot,
  type Service,
  updateSnapshot,
} from '../../src/index.js';
import { parseCidr } from '../../src/net/cidr.js';
import { profileOf } from '../../src/profiles/profiles.js';
import { makeNfacctObjects } from '../support/kernels/iptables-variants.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { lostPackets } from './passage.js';
import { type Machines, openMachines } from './traffic-machines.js';
import {
  failures,
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

/**
 * Which version follows which. All versions whose rules differ are there, and neighbours in both
 * directions; each way ends where it began.
 */
const WAYS: readonly (readonly [mode: BackendName, versions: readonly string[]])[] = [
  ['iptables', ['1.30', '1.36', '1.28', '1.38', '1.30']],
  [
    'nftables',
    [
      ...['1.31', '1.36', '1.33.5', '1.33.6', '1.38', '1.33.6', '1.34.2'],
      ...['1.36', '1.35', '1.37', '1.36', '1.37', '1.38', '1.36', '1.31'],
    ],
  ],
];

/** A Service with one endpoint, which 1.37 and newer translate without a map. */
const SINGLE_IP = '10.62.36.84';
/**
 * The client is not among them, so what it sends is masqueraded, by other rules in other versions.
 */
const PODS = parseCidr('10.61.0.0/16')!;
/**
 * Of no other Service: the client may use one port for two Services at a time, and a pod behind
 * both would take the second connection for the first.
 */
const SINGLE_POD = '10.61.200.10';

function objects(): ReturnType<typeof plainCase> {
  const { snapshot, options } = plainCase();
  const { metadata, spec } = snapshot.services.get('prod/worker')!;
  const single: Service = {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { ...metadata, name: 'single' } },
    spec: {
      ...{ type: 'ClusterIP', clusterIP: SINGLE_IP, clusterIPs: [SINGLE_IP] },
      ports: (spec.ports ?? []).map(({ nodePort: _nodePort, ...port }) => port),
    },
  };
  const slice = sliceOf(snapshot, new Map([[SINGLE_POD, 'ready']]));
  const labels = { ...slice.metadata.labels, 'kubernetes.io/service-name': 'single' };
  const own = { ...slice, metadata: { ...slice.metadata, name: 'single-1', labels } };
  return { snapshot: updateSnapshot(snapshot, { set: [single, own] }), options };
}

function compiledFor(mode: BackendName, version: string): Compiled {
  const { snapshot, options } = objects();
  const config = { ...options.config!, clusterCidrs: [PODS], profile: profileOf(version)! };
  return compileSnapshot(snapshot, 'IPv4', { ...options, config, mode });
}

for (const [mode, [first = '', ...others]] of WAYS)
  describe(`packets: profiles switched under ${PER_SECOND} new connections per second (${mode})`, () => {
    let machines: Machines;

    before(async function () {
      requireKernel(this, mode === 'iptables' ? ['iptables-nft', 'nfacct', 'nft'] : ['nft']);
      machines = await openMachines();
      if (mode === 'iptables') await makeNfacctObjects(machines.node);
      for (const pod of [...RECORDED_PODS, SINGLE_POD]) await machines.servers.serve(pod, POD_PORT);
    });
    after(() => machines?.close());

    it(`goes from ${[first, ...others].join(' to ')}, and loses none`, async () => {
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
      const read = () => backend.kernel.read(host, 'IPv4', {});
      const start = compiledFor(mode, first);
      await applier.apply(start);
      const began = await read();
      await machines.client.connect(VIP, VIP_PORT, PER_SECOND / 2);
      await machines.client.connect(SINGLE_IP, VIP_PORT, PER_SECOND / 2);
      for (const version of others) {
        await pause(QUIET);
        const next = compiledFor(mode, version);
        const { sent } = await applier.apply(next);
        expect(sent, version).to.have.length.greaterThan(0);
        const { changes, leftovers, comments } = (await read()).rules.plan(next.ruleset);
        expect([...changes, ...leftovers, ...comments], version).to.deep.equal([]);
      }
      await pause(QUIET);
      const connections = await machines.client.stop();

      expect(failures(connections)).to.deep.equal([]);
      expect(await lostPackets(machines.node)).to.equal(0);
      expect(connections.length).to.be.greaterThan(PER_SECOND / 2);
      const end = await read();
      const plan = began.rules.plan(start.ruleset);
      expect(end.rules.fingerprint(plan)).to.equal(began.rules.fingerprint(plan));
      expect(end.rules.writers().profiles).to.deep.equal(began.rules.writers().profiles);
    });
  });

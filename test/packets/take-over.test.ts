/**
 * Under a steady load of new connections: rules that kube-proxy wrote are taken over without a
 * change, and then endpoints come and go without a connection being lost.
 */

import { expect } from 'chai';
import { Applier } from '../../src/apply/applier.js';
import { BACKENDS } from '../../src/backends/index.js';
import { compileSnapshot, updateSnapshot } from '../../src/index.js';
import { loadCase } from '../support/cases/conformance-cases.js';
import { dumpText } from '../support/cases/dumps.js';
import {
  type IptablesVariant,
  loadDocument,
  makeNfacctObjects,
  saveDocument,
  VARIANTS,
} from '../support/kernels/iptables-variants.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { now } from '../support/machines/traffic-protocol.js';
import { endpointSteps, inRules } from './endpoint-steps.js';
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
  theCase,
  VIP,
  VIP_PORT,
} from './under-load.js';

for (const variant of VARIANTS) {
  describe(`packets: a node under ${PER_SECOND} new connections per second (${variant.name})`, () => {
    let machines: Machines;
    let host: NamespaceHost;
    let applier: Applier;

    before(async function () {
      requireKernel(this, [...variant.tools, 'nfacct', 'nft']);
      machines = await openMachines();
      await makeNfacctObjects(machines.node);
      for (const pod of RECORDED_PODS) await machines.servers.serve(pod, POD_PORT);
      await loadDocument(machines.node, variant, 'IPv4', dumpText(`input/${CASE}.v4.restore`));
      host = new NamespaceHost(machines.node);
      applier = applierOn(host, variant);
    });
    after(() => machines?.close());

    it("takes over kube-proxy's rules: nothing is loaded, no counter is reset, no connection fails", async () => {
      await machines.client.connect(VIP, VIP_PORT, PER_SECOND);
      await pause(QUIET);
      const before = await saveDocument(machines.node, variant, 'IPv4', true);
      const result = await applier.apply(loadCase(theCase()).compile('IPv4'));
      const after = await saveDocument(machines.node, variant, 'IPv4', true);
      await pause(QUIET);
      const connections = await machines.client.stop();

      expect(result.sent).to.deep.equal([]);
      expect(result.from).to.equal('kernel');
      expect(
        host.ran.map(({ command }) => command).filter((name) => name.endsWith('-restore')),
      ).to.deep.equal([]);
      expect(withoutCounters(after)).to.deep.equal(withoutCounters(before));
      expect(connections.length).to.be.greaterThan((PER_SECOND * 2 * QUIET) / 1000 / 2);
      expect(failures(connections)).to.deep.equal([]);
      // Every connection went once through one of these rules, before and after.
      const counted = await saveDocument(machines.node, variant, 'IPv4', true);
      expect(sum(translated(counted))).to.equal(connections.length);
      expect(sum(translated(after))).to.be.within(sum(translated(before)), connections.length);
      expect(sum(translated(before))).to.be.greaterThan(0);
      expect(await lostPackets(machines.node)).to.equal(0);
    });

    it(`loses none over ${CHANGES} changes of its endpoints, ten per second`, async () => {
      const { snapshot, options } = plainCase();
      let compiled = compileSnapshot(snapshot, 'IPv4', options);
      await applier.apply(compiled);
      const lost = await lostPackets(machines.node);
      host.ran.length = 0;
      await machines.client.connect(VIP, VIP_PORT, PER_SECOND);

      const applied: Applied[] = [];
      const took: number[] = [];
      const start = now();
      for (const [i, { serve, endpoints, end }] of endpointSteps(
        RECORDED_PODS,
        CHANGES,
      ).entries()) {
        await pause(start + i * PACE - now());
        for (const address of serve) await machines.servers.serve(address, POD_PORT);
        const last = applied.at(-1);
        const began = now();
        if (last !== undefined) last.to = began;
        const changed = updateSnapshot(snapshot, { set: [sliceOf(snapshot, endpoints)] });
        compiled = compileSnapshot(changed, 'IPv4', options, compiled);
        const { from, sent } = await applier.apply(compiled);
        expect([from, sent.length]).to.deep.equal(['memory', 1]);
        took.push(now() - began);
        applied.push({ from: now(), to: Number.POSITIVE_INFINITY, endpoints });
        // Their terminating period is over, and it is long since the rules sent anybody there.
        for (const address of end) await machines.servers.end(address);
      }
      const seconds = (now() - start) / 1000;
      const connections = await machines.client.stop();

      expect(failures(connections, applied)).to.deep.equal([]);
      expect(await lostPackets(machines.node)).to.equal(lost);
      const astray = connections.flatMap((connection) => {
        const state = applied.find(
          ({ from, to }) => from < connection.start && connection.end < to,
        );
        return state === undefined || inRules(state.endpoints).includes(connection.by)
          ? []
          : [
              `${connection.by} answered while the rules said ${inRules(state.endpoints).join(' ')}`,
            ];
      });
      expect(astray).to.deep.equal([]);
      expect(new Set(connections.map(({ by }) => by)).size).to.be.greaterThan(CHANGES / 4);
      expect(connections.length).to.be.greaterThan(PER_SECOND * seconds * 0.5);
      const sorted = took.toSorted((a, b) => a - b);
      console.log(
        `      ${connections.length} connections, ${took.length} changes in ${seconds.toFixed(1)} s,` +
          ` each ${sorted[took.length >> 1]!.toFixed(0)} ms (longest ${sorted.at(-1)!.toFixed(0)})`,
      );
    });
  });
}

function applierOn(host: NamespaceHost, { name }: IptablesVariant): Applier {
  return new Applier({
    host,
    backend: BACKENDS.iptables,
    family: 'IPv4',
    lock: { timeout: 10_000, about: 'test' },
    read: () => ({ iptables: name === 'iptables-nft' ? 'nft' : 'legacy' }),
    lockTimeout: 10_000,
    timeout: 10_000,
    failedFolder: '/nonexistent',
    verify: true,
  });
}

function withoutCounters(saved: string): readonly string[] {
  return saved
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.replace(/\[\d+:\d+\]/, ''));
}

/** The packet counters of the rules that translate. */
function translated(saved: string): readonly number[] {
  return [...saved.matchAll(/^\[(\d+):\d+\] -A KUBE-SEP-.* -j DNAT /gm)].map(([, n]) => Number(n));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

/**
 * A cluster of a realistic size in the kernel: the first load takes the path on which iptables-nft
 * is not quadratic.
 */

import { expect } from 'chai';
import { clusterJson } from '../../scripts/benchmarks/cluster.js';
import { Applier } from '../../src/apply/applier.js';
import { BACKENDS } from '../../src/backends/index.js';
import { inputText } from '../../src/backends/transaction.js';
import { compileSnapshot, loadSnapshot } from '../../src/index.js';
import { VARIANTS } from '../support/kernels/iptables-variants.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';

const SERVICES = 5000;
const ENDPOINTS = 10;
const VARIANT = VARIANTS[0]!;
const MINUTE = 60_000;

describe(`kernel: ${SERVICES} Services x ${ENDPOINTS} endpoints into an empty ${VARIANT.name}`, () => {
  let namespace: Namespace;

  before(async function () {
    requireKernel(this, [...VARIANT.tools, 'iptables-nft']);
    namespace = await openNamespace('first-load');
  });
  after(() => namespace?.close());

  it('one load; chains are declared in Service order, not by name, and the table is read once', async () => {
    const text = clusterJson({ services: SERVICES, endpoints: ENDPOINTS });
    const { snapshot } = loadSnapshot([{ name: 'cluster.json', text }]);
    const host = { nodeName: 'node-1', interfaces: [], nfacct: false };
    const compiled = compileSnapshot(snapshot, 'IPv4', { host });
    const applier = new Applier({
      host: new NamespaceHost(namespace),
      backend: BACKENDS.iptables!,
      family: 'IPv4',
      lock: { timeout: MINUTE, about: 'test' },
      read: () => ({ iptables: 'nft' }),
      lockTimeout: MINUTE,
      timeout: 5 * MINUTE,
      failedFolder: '/nonexistent',
      verify: false,
    });
    const { sent } = await applier.apply(compiled);
    expect(sent).to.have.length(1);

    const loaded = inputText(sent[0]!);
    const nat = loaded.slice(loaded.indexOf('*nat\n')).split('\n');
    const declared = nat.filter((line) => line.startsWith(':')).map((line) => line.split(' ')[0]!);
    expect(declared).to.have.length.greaterThan(SERVICES * (ENDPOINTS + 1));
    const services = declared.filter((chain) => chain.startsWith(':KUBE-SVC-'));
    const inOrder = compiled.ruleset.ports.map(({ text }) => /^:KUBE-SVC-\S+/m.exec(text)![0]);
    expect(services).to.deep.equal(inOrder);
    // Hashes in any order but their own: about every second name is greater than the one before.
    for (const chains of [declared, services]) {
      const ascents = chains.filter((chain, i) => chain > chains[i - 1]!).length;
      expect(ascents / chains.length).to.be.within(0.45, 0.55);
    }

    // Built-in chains exist when the table is read, and hardly any chain of a Service does.
    const readOnce = nat.indexOf('-S');
    const before = nat.slice(0, readOnce);
    expect(
      before.filter((line) => /^-[AI] (?:PREROUTING|OUTPUT|POSTROUTING) /.test(line)).length,
    ).to.equal(3);
    expect(before.filter((line) => line.startsWith(':KUBE-S')).length).to.be.at.most(1);

    const last = inOrder.at(-1)!.slice(1);
    const rules = await namespace.run('iptables-nft', ['-t', 'nat', '-S', last]);
    const lines = compiled.ruleset.ports
      .at(-1)!
      .text.split('\n')
      .filter((line) => line.startsWith(`-A ${last} `));
    expect(lines).to.have.length(ENDPOINTS);
    expect(rules.split('\n').slice(1, -1)).to.deep.equal(lines);
  });
});

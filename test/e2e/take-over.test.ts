/**
 * An agent comes after kube-proxy and goes again: it writes nothing that was right already, and
 * what it leaves is what kube-proxy would have written.
 */

import { expect } from 'chai';
import { loadAll } from 'js-yaml';
import {
  equalDumps as equalNft,
  parseDump as parseNft,
} from '../../src/backends/nftables/syntax/parse.js';
import { type Family, loadHostFacts } from '../../src/index.js';
import type { ApiObject } from '../support/api-server/index.js';
import { conformanceCases, readCaseFile } from '../support/cases/conformance-cases.js';
import { dumpText } from '../support/cases/dumps.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { KERNEL_VARIANTS, type KernelVariant } from '../support/kernels/kernel-variants.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';
import { isSync } from '../support/process/agent-process.js';
import { AGENT_MODES, AgentNode, FAMILIES } from './node.js';
import { shop, slice } from './objects.js';

/** Services of all kinds in both families, and what kube-proxy loaded for them. */
const CASE = '268-kitchen-sink';

for (const mode of AGENT_MODES)
  describe(`e2e: an agent after kube-proxy, ${mode.name}`, () => {
    const variant = KERNEL_VARIANTS.find(({ name }) => name === mode.name)!;
    let node: AgentNode;

    before(async function () {
      requireKernel(this, [...variant.tools, 'conntrack', 'openssl']);
      const namespace = await openNamespace('take-over');
      await variant.prepare(namespace);
      await loadRecorded(namespace, variant);
      const found = conformanceCases().find(({ name }) => name === CASE)!;
      const { nodeName, interfaces } = loadHostFacts(readCaseFile(found, 'host.yaml'), 'host.yaml');
      // A link is used when it has a carrier, so it needs another end.
      await namespace.script(`ip link add eth0 type veth peer name cable
        ip link set cable up
        ip link set eth0 up`);
      for (const { name, addresses } of interfaces)
        if (name !== 'lo')
          for (const address of addresses)
            await namespace.run('ip', ['address', 'add', address, 'dev', name]);
      const config = loadAll(readCaseFile(found, 'config.yaml'))[0] as object;
      const objects = loadAll(readCaseFile(found, 'snapshot.yaml')) as ApiObject[];
      node = await AgentNode.open({ objects }, namespace, { nodeName, config, interfaces });
    });
    after(() => node?.close());

    it('writes nothing at first, then what changes, and leaves the rules as kube-proxy knows them', async () => {
      const before = await saved(node.namespace, variant);
      expect([...before.values()].every((text) => variant.hasOurs(text))).to.equal(true);

      const agent = await node.start(mode);
      for (const family of FAMILIES) {
        const line = await agent.until('first sync', isSync(family));
        expect(line).to.deep.include({ kind: 'full', bytesSent: 0 });
        expect(line.numServices).to.be.greaterThan(2);
      }
      expectSame(variant, before, await saved(node.namespace, variant));

      const objects = shop('late', 77);
      await node.server.setMany(objects);
      await node.settled(mode);
      await node.server.set(slice('late', 'IPv4', ['10.9.9.1']));
      await node.settled(mode);
      expect(await saved(node.namespace, variant)).to.not.deep.equal(before);
      for (const { kind, metadata } of objects.toReversed())
        await node.server.delete({ kind, namespace: 'shop', name: metadata.name });
      await node.settled(mode);
      expect(await agent.stop()).to.deep.equal({ code: 0, signal: null });
      expectSame(variant, before, await saved(node.namespace, variant));
    });
  });

type Saved = ReadonlyMap<Family, string>;

async function loadRecorded(namespace: Namespace, variant: KernelVariant): Promise<void> {
  if (variant.mode === 'nftables')
    return variant.load(namespace, 'IPv4', dumpText(`input/${CASE}.nft`));
  await variant.load(namespace, 'IPv4', dumpText(`input/${CASE}.v4.restore`));
  await variant.load(namespace, 'IPv6', dumpText(`input/${CASE}.v6.restore`));
}

async function saved(namespace: Namespace, variant: KernelVariant): Promise<Saved> {
  const texts = new Map<Family, string>();
  for (const family of FAMILIES) texts.set(family, await variant.save(namespace, family));
  return texts;
}

/**
 * The same rules; in iptables also in the same words. Where a rule stands is what `settled` has
 * looked at.
 */
function expectSame(variant: KernelVariant, before: Saved, after: Saved): void {
  for (const family of FAMILIES) {
    const [a = '', b = ''] = [before.get(family), after.get(family)];
    if (variant.mode === 'nftables') expect(equalNft(parseNft(a), parseNft(b))).to.equal(true);
    else expect(rules(b)).to.deep.equal(rules(a));
  }
}

function rules(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/\[\d+:\d+\] ?/, ''))
    .sort();
}

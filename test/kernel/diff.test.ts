/**
 * A node as kube-proxy left it, in a real kernel of either variant: `vipc diff` sees no differences, names what a hand
 * has changed since, and changes nothing itself.
 */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { DiffFlags } from '../../src/cli/commands/diff.js';
import type { Family } from '../../src/index.js';
import {
  type IptablesVariant,
  loadDocument,
  makeNfacctObjects,
  saveDocument,
  VARIANTS,
} from '../support/iptables-variants.js';
import { requireKernel } from '../support/kernel-tools.js';
import { NamespaceHost } from '../support/namespace-host.js';
import { type Namespace, openNamespace } from '../support/netns.js';

const CASE = 'fixtures/conformance/268-kitchen-sink';
const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];

const FLAGS: DiffFlags = {
  filename: [`${CASE}/snapshot.yaml`],
  recursive: false,
  config: `${CASE}/config.yaml`,
  host: `${CASE}/host.yaml`,
  serviceCidr: [],
  comments: false,
  strict: false,
  output: 'human',
  verbose: false,
};

/** What kube-proxy 1.36.2 sent to iptables-restore. */
function payload(family: Family): string {
  return readFileSync(`fixtures/dumps/input/268-kitchen-sink.v${family.slice(3)}.restore`, 'utf8');
}

for (const variant of VARIANTS) {
  describe(`kernel: vipc diff on ${variant.name}`, () => {
    let namespace: Namespace;

    before(async function () {
      requireKernel(this, [...variant.tools, 'nfacct']);
      namespace = await openNamespace(`diff-${variant.name}`);
      await makeNfacctObjects(namespace);
      for (const family of FAMILIES)
        await loadDocument(namespace, variant, family, payload(family));
      await namespace.script('echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet');
    });
    after(() => namespace?.close());

    it('sees no differences to what kube-proxy programmed', async () => {
      expect(await diffIn(namespace, FLAGS)).to.deep.equal({ code: 0, out: 'no differences\n' });
    });

    it('names one rule deleted, one inserted and a setting changed, and touches nothing', async () => {
      const nat = await rules(namespace, variant);
      const chance = nat.find((line) => /^-A KUBE-SVC-\S+ .*--probability /.test(line)) ?? '';
      const [, chain = ''] = chance.split(' ');
      await namespace.script(
        [
          `${variant.name} -t nat -D${chance.slice(2)}`,
          `${variant.name} -t nat -I ${chain} 1 -s 192.0.2.7 -j RETURN`,
          'echo 0 > /proc/sys/net/ipv4/conf/all/route_localnet',
        ].join('\n'),
      );
      const before = await rules(namespace, variant);
      const { code, out } = await diffIn(namespace, FLAGS);
      expect(code).to.equal(1);
      const lines = out.split('\n').map((line) => line.trim());
      expect(lines[0]).to.match(
        new RegExp(`^IPv4: the kernel \\(${variant.name} [0-9.]+\\) differs: 1 to change$`),
      );
      expect(lines).to.include(`+ ${chance}`);
      expect(lines).to.include(
        `- -A ${chain} -s 192.0.2.7/32 -j RETURN   <- not a rule of kube-proxy or vipc`,
      );
      expect(lines).to.include('net.ipv4.conf.all.route_localnet  0 -> 1');
      expect(await rules(namespace, variant)).to.deep.equal(before);
      expect((await diffIn(namespace, { ...FLAGS, family: 'ipv6' })).code).to.equal(0);
    });
  });
}

async function rules(namespace: Namespace, variant: IptablesVariant): Promise<readonly string[]> {
  const saved = await saveDocument(namespace, variant, 'IPv4', true);
  return saved
    .split('\n')
    .filter((line) => line.startsWith('[') || line.startsWith(':'))
    .map((line) => line.replace(/^\[0:0\] /, ''));
}

async function diffIn(
  namespace: Namespace,
  flags: DiffFlags,
): Promise<{ readonly code: number; readonly out: string }> {
  // Loaded as the program loads it, so that its error classes are its own.
  const { diff } = await import('../../src/cli/commands/diff.js');
  let out = '';
  const code = await diff(
    flags,
    {
      readInput: async () => '',
      writeOutput: async (text) => {
        out += text;
      },
      writeError: async () => {},
      interactive: false,
      colour: false,
    },
    new NamespaceHost(namespace),
  );
  return { code, out };
}

/** `vipc explain --rules kernel`: the rules of a Service in a real kernel of either mode. */

import { expect } from 'chai';
import type { ExplainFlags } from '../../src/cli/commands/explain.js';
import type { Terminal } from '../../src/cli/terminal.js';
import { DIFF_VARIANTS } from '../support/kernels/diff-variants.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';

const CASE = 'fixtures/conformance/268-kitchen-sink';
const FLAGS = {
  filename: [`${CASE}/snapshot.yaml`],
  config: `${CASE}/config.yaml`,
  host: `${CASE}/host.yaml`,
  recursive: false,
  serviceCidr: [],
  rules: 'kernel',
  output: 'human',
  verbose: true,
} satisfies ExplainFlags;

async function explainIn(
  namespace: Namespace,
  mode: 'iptables' | 'nftables',
): Promise<readonly [code: number, out: string]> {
  // Commands are loaded by import(), so that the classes of their errors are those of the program.
  const { explain } = await import('../../src/cli/commands/explain.js');
  let out = '';
  const terminal: Terminal = {
    readInput: async () => '',
    writeOutput: async (text) => {
      out += text;
    },
    writeError: async () => undefined,
    interactive: false,
    colour: { output: false, error: false },
  };
  const host = new NamespaceHost(namespace);
  const code = await explain('orders:dns', { ...FLAGS, mode }, terminal, host);
  return [code, out];
}

for (const variant of DIFF_VARIANTS)
  describe(`kernel: vipc explain on ${variant.name}`, () => {
    let namespace: Namespace;

    before(async function () {
      requireKernel(this, variant.tools);
      namespace = await openNamespace(`explain-${variant.name}`);
      await variant.prepare(namespace);
      for (const [family, text] of variant.payload) await variant.load(namespace, family, text);
    });
    after(() => namespace?.close());

    it('finds the rules of the Service right, and every endpoint reached', async () => {
      const [code, out] = await explainIn(namespace, variant.mode);
      expect(code, out).to.equal(0);
      expect(out).to.match(/^ +ok .* the kernel \(.*: the rules of the Service are right$/m);
      expect(out).to.match(/^ +ok .* a packet of a pod .* reaches 3 of 3 endpoints$/m);
    });

    it('finds the rules gone', async () => {
      await namespace.script(variant.gone);
      const [code, out] = await explainIn(namespace, variant.mode);
      expect(code, out).to.equal(1);
      expect(out).to.match(/^ +problem .*: the rules of the Service differ/m);
      expect(out).to.match(/^ +problem .* reaches 0 of 3 endpoints/m);
    });
  });

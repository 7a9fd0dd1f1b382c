/** `vipc trace` of a real kernel of either mode: it reads every rule there, and those of other programs too. */

import { expect } from 'chai';
import type { TraceFlags } from '../../src/cli/commands/trace.js';
import type { Terminal } from '../../src/cli/terminal.js';
import { DIFF_VARIANTS } from '../support/kernels/diff-variants.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';

const FLAGS = {
  filename: [],
  recursive: false,
  serviceCidr: [],
  from: '10.81.0.9',
  to: '10.82.95.113:53/udp',
  output: 'human',
  verbose: false,
} satisfies TraceFlags;

async function traceIn(namespace: Namespace): Promise<readonly [code: number, out: string]> {
  // Commands are loaded by import(), so that the classes of their errors are those of the program.
  const { traceCommand } = await import('../../src/cli/commands/trace.js');
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
  const code = await traceCommand(FLAGS, terminal, new NamespaceHost(namespace));
  return [code, out];
}

for (const variant of DIFF_VARIANTS)
  describe(`kernel: vipc trace on ${variant.name}`, () => {
    let namespace: Namespace;

    before(async function () {
      requireKernel(this, variant.tools);
      namespace = await openNamespace(`trace-${variant.name}`);
      await variant.prepare(namespace);
      for (const [family, text] of variant.payload) await variant.load(namespace, family, text);
    });
    after(() => namespace?.close());

    it('finds the mode, and where a packet goes', async () => {
      const [code, out] = await traceIn(namespace);
      expect(code, out).to.equal(0);
      expect(out.match(/^33\.3%.* to 10\.81\.[\d.]+:45408, source kept$/gm), out).to.have.length(3);
    });

    it('meets the rules of other programs', async function () {
      requireKernel(this, ['nft']);
      await namespace.script(
        `nft 'add table inet guard'
         nft 'add chain inet guard forward { type filter hook forward priority -10 ; policy accept ; }'
         nft 'add rule inet guard forward udp dport 45408 counter log prefix "x" drop'`,
      );
      const [code, out] = await traceIn(namespace);
      expect(code, out).to.equal(0);
      expect(out).to.match(/^100%.* dropped in forward$/m);
      expect(out).to.include('add rule inet guard forward');
    });
  });

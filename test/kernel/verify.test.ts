/** `vipc verify` of a real kernel of either mode: proven, and refuted when another program interferes. */

import { expect } from 'chai';
import type { VerifyFlags } from '../../src/cli/commands/verify.js';
import type { Terminal } from '../../src/cli/terminal.js';
import { DIFF_VARIANTS } from '../support/kernels/diff-variants.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';

const CASE = 'fixtures/conformance/268-kitchen-sink';
const FLAGS = {
  filename: [`${CASE}/snapshot.yaml`],
  recursive: false,
  serviceCidr: [],
  config: `${CASE}/config.yaml`,
  host: `${CASE}/host.yaml`,
  output: 'human',
  verbose: false,
} satisfies VerifyFlags;

for (const variant of DIFF_VARIANTS)
  describe(`kernel: vipc verify on ${variant.name}`, () => {
    let namespace: Namespace;

    async function verifyKernel(): Promise<readonly [code: number, out: string]> {
      // Commands are loaded by import(), so that the classes of their errors are those of the program.
      const { verifyCommand } = await import('../../src/cli/commands/verify.js');
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
      const { mode } = variant;
      const flags = { ...FLAGS, mode, family: 'ipv4' } as const;
      return [await verifyCommand(flags, terminal, new NamespaceHost(namespace)), out];
    }

    before(async function () {
      requireKernel(this, variant.tools);
      namespace = await openNamespace(`verify-${variant.name}`);
      await variant.prepare(namespace);
      for (const [family, text] of variant.payload) await variant.load(namespace, family, text);
    });
    after(() => namespace?.close());

    it('proves the rules that are loaded', async () => {
      const [code, out] = await verifyKernel();
      expect(code, out).to.equal(0);
      expect(out).to.match(/\(IPv4\): 12 frontends x \d sources: all as promised$/m);
    });

    it('names the rule of another program that drops traffic of a Service', async function () {
      requireKernel(this, ['nft']);
      await namespace.script(
        `nft 'add table inet guard'
         nft 'add chain inet guard forward { type filter hook forward priority -10 ; policy accept ; }'
         nft 'add rule inet guard forward udp dport 45408 drop'`,
      );
      const [code, out] = await verifyKernel();
      expect(code, out).to.equal(1);
      expect(out).to.include('refuted: default/orders:dns UDP');
      expect(out).to.include('add rule inet guard forward');
    });
  });

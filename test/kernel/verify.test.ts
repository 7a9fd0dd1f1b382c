/**
 * `vipc verify` of a real kernel of either mode: proven, and refuted when another program
 * interferes.
 */

import { expect } from 'chai';
import { verifyCommand } from '../../src/cli/commands/verify.js';
import type { VerifyFlags } from '../../src/cli/verify-flags.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { describeOnKernels } from '../support/kernels/loaded-kernel.js';

const CASE = 'fixtures/conformance/268-kitchen-sink';
const FLAGS = {
  filename: [`${CASE}/snapshot.yaml`],
  recursive: false,
  serviceCidr: [],
  config: `${CASE}/config.yaml`,
  host: `${CASE}/host.yaml`,
  family: 'ipv4',
  output: 'human',
  verbose: false,
} satisfies VerifyFlags;

describeOnKernels('verify', ({ variant: { mode }, run, dropDns }) => {
  const verify = (flags: Partial<VerifyFlags> = {}): ReturnType<typeof run> =>
    run((terminal, host) => verifyCommand({ ...FLAGS, mode, ...flags }, terminal, host));

  it('proves the rules that are loaded, also by --rules kernel', async () => {
    for (const flags of [{}, { rules: 'kernel' }]) {
      const [code, out] = await verify(flags);
      expect(code, out).to.equal(0);
      expect(out).to.match(/\(IPv4\): 12 frontends x \d sources: all as expected$/m);
    }
  });

  it('names the rule of another program that drops traffic of a Service', async function () {
    requireKernel(this, ['nft']);
    await dropDns();
    const [code, out] = await verify();
    expect(code, out).to.equal(1);
    expect(out).to.include('refuted: default/orders:dns UDP');
    expect(out).to.include('add rule inet guard forward');
  });
});

/**
 * `vipc trace` of a real kernel of either mode: it reads every rule there, and those of other
 * programs too.
 */

import { expect } from 'chai';
import { type TraceFlags, traceCommand } from '../../src/cli/commands/trace.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { describeOnKernels } from '../support/kernels/loaded-kernel.js';

const CASE = 'fixtures/conformance/268-kitchen-sink';
const FLAGS = {
  filename: [],
  recursive: false,
  serviceCidr: [],
  from: '10.81.0.9',
  to: '10.82.95.113:53/udp',
  output: 'human',
  verbose: false,
} satisfies TraceFlags;

describeOnKernels('trace', ({ variant, namespace, run, dropDns }) => {
  const trace = (flags: Partial<TraceFlags> = {}): ReturnType<typeof run> =>
    run((terminal, host) => traceCommand({ ...FLAGS, ...flags }, terminal, host));

  it('finds the mode, and the endpoints of a packet', async () => {
    const [code, out] = await trace();
    expect(code, out).to.equal(0);
    expect(out.match(/^33\.3%.* to 10\.81\.[\d.]+:45408, source kept$/gm), out).to.have.length(3);
  });

  it('takes names from the objects and rules from the kernel with --rules kernel', async () => {
    const [code, out] = await trace({
      rules: 'kernel',
      filename: [`${CASE}/snapshot.yaml`],
      host: `${CASE}/host.yaml`,
      to: 'svc/orders:dns',
    });
    expect(code, out).to.equal(0);
    expect(out).to.match(/ -> 10\.82\.95\.113:53, arriving {2}\(the kernel \(.+\)\)$/m);
    expect(out.match(/^33\.3%/gm), out).to.have.length(3);
  });

  if (variant.name === 'iptables-nft')
    it('evaluates rules of iptables-nft once, which nft lists too', async () => {
      await namespace().script(`
        iptables-nft -t mangle -A FORWARD -p udp --dport 45408 -j MARK --xor-mark 0x1
        iptables-nft -t mangle -A POSTROUTING -m mark --mark 0x1/0x1 -j DROP`);
      const [code, out] = await trace();
      expect(code, out).to.equal(0);
      expect(out).to.match(/^100%.* dropped in postrouting$/m);
      await namespace().script(`
        iptables-nft -t mangle -F FORWARD
        iptables-nft -t mangle -F POSTROUTING`);
    });

  it('evaluates the rules of other programs', async function () {
    requireKernel(this, ['nft']);
    await dropDns();
    const [code, out] = await trace();
    expect(code, out).to.equal(0);
    expect(out).to.match(/^100%.* dropped in forward$/m);
    expect(out).to.include('add rule inet guard forward');
  });
});

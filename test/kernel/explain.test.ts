/** `vipc explain --rules kernel`: the rules of a Service in a real kernel of either mode. */

import { expect } from 'chai';
import { type ExplainFlags, explainCommand as explain } from '../../src/cli/commands/explain.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { describeOnKernels } from '../support/kernels/loaded-kernel.js';
import { runIn } from '../support/process/run-in.js';

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

describeOnKernels('explain', ({ variant: { mode, removal, load }, namespace, run }) => {
  const explainDns = (): ReturnType<typeof run> =>
    run((terminal, host) => explain('orders:dns', { ...FLAGS, mode }, terminal, host));

  it('finds the rules of the Service right, and every endpoint reached', async () => {
    const [code, out] = await explainDns();
    expect(code, out).to.equal(0);
    expect(out).to.match(/^ +ok .* the kernel \(.*: the rules of the Service are right$/m);
    expect(out).to.match(/^ +ok .* a packet of a pod .* reaches 3 of 3 endpoints$/m);
  });

  if (mode === 'nftables')
    it('follows the kube-proxy of its mode, whatever rules of iptables an older one left', async function () {
      requireKernel(this, ['iptables-nft']);
      const given = ['-f', FLAGS.filename[0]!, '--config', FLAGS.config, '--host', FLAGS.host];
      const { out: rules } = await runIn([
        ...['compile', ...given, '--mode', mode, '--family', 'dual', '--profile', '1.35'],
      ]);
      await namespace().script('nft delete table ip kube-proxy; nft delete table ip6 kube-proxy');
      await load(namespace(), 'IPv4', rules);
      await namespace().script(
        `iptables-nft -t nat -N KUBE-SERVICES
         iptables-nft -N KUBE-FORWARD
         iptables-nft -A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP`,
      );
      const [code, out] = await explainDns();
      expect(code, out).to.equal(0);
      expect(out).to.match(/^ +ok .* the kernel \(.*: the rules of the Service are right$/m);
    });

  it('reports deleted rules', async () => {
    await namespace().script(removal);
    const [code, out] = await explainDns();
    expect(code, out).to.equal(1);
    expect(out).to.match(/^ +problem .*: the rules of the Service differ/m);
    expect(out).to.match(/^ +problem .* reaches 0 of 3 endpoints/m);
  });
});

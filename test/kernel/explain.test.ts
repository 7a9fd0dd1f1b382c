/** `vipc explain --rules kernel`: the rules of a Service in a real kernel of either mode. */

import { expect } from 'chai';
import { type ExplainFlags, explainCommand as explain } from '../../src/cli/commands/explain.js';
import { describeOnKernels } from '../support/kernels/loaded-kernel.js';

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

describeOnKernels('explain', ({ variant: { mode, gone }, namespace, run }) => {
  const explainDns = (): ReturnType<typeof run> =>
    run((terminal, host) => explain('orders:dns', { ...FLAGS, mode }, terminal, host));

  it('finds the rules of the Service right, and every endpoint reached', async () => {
    const [code, out] = await explainDns();
    expect(code, out).to.equal(0);
    expect(out).to.match(/^ +ok .* the kernel \(.*: the rules of the Service are right$/m);
    expect(out).to.match(/^ +ok .* a packet of a pod .* reaches 3 of 3 endpoints$/m);
  });

  it('reports deleted rules', async () => {
    await namespace().script(gone);
    const [code, out] = await explainDns();
    expect(code, out).to.equal(1);
    expect(out).to.match(/^ +problem .*: the rules of the Service differ/m);
    expect(out).to.match(/^ +problem .* reaches 0 of 3 endpoints/m);
  });
});

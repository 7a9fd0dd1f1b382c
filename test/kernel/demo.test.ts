/**
 * The README's first command does what it says: answers from every pod, counted rules, and a path.
 */

import { expect } from 'chai';
import { execa } from 'execa';
import { requireKernel } from '../support/kernels/kernel-tools.js';

describe('kernel: scripts/demo', () => {
  before(function () {
    requireKernel(this, ['iptables-nft-restore', 'iptables-nft-save', 'conntrack']);
  });

  it('shows a ClusterIP answered by three pods, the rules and the path', async () => {
    const { stdout } = await execa('scripts/demo');
    const answers = [...stdout.matchAll(/^ {2}(pod-\S+) .* (\d+) #+$/gm)];
    expect(answers.map(([, pod]) => pod)).to.deep.equal(['pod-a', 'pod-b', 'pod-remote']);
    expect(answers.reduce((sum, [, , count]) => sum + Number(count), 0)).to.equal(60);
    expect(stdout).to.match(/^ {4}60 {2}KUBE-SERVICES -d 10\.96\.\S+ .* -j KUBE-SVC-/m);
    expect(stdout).to.match(/the client receives {2}10\.96\.\S+:80 -> 192\.168\.7\.50:\d+/);
  });
});

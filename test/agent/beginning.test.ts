/** What an agent begins with, and that it reads each family of the kernel once for it. */

import { expect } from 'chai';
import { beginning } from '../../src/agent/beginning.js';
import type { Diagnostic } from '../../src/diagnostics.js';
import { service, slice, snapshotOf } from '../model/support.js';
import { type AgentKernel, memoryIptables } from '../support/kernels/agent-kernels.js';
import type { MemoryHost } from '../support/kernels/memory-host.js';

const LAST = snapshotOf(service('web'), slice('web', ['10.0.0.1']));
const GRACE = 30_000;

describe('agent/beginning', () => {
  let kernel: AgentKernel & { readonly host: MemoryHost };

  beforeEach(() => {
    kernel = memoryIptables();
  });
  afterEach(() => kernel.close());

  async function begin(removalGracePeriod: number, last: typeof LAST | undefined) {
    const noticed: Diagnostic[] = [];
    const found = await beginning(
      {
        ...{ host: kernel.host, mode: 'iptables', families: ['IPv4', 'IPv6'], removalGracePeriod },
        lastGood: async () => last,
      },
      { noticed: (some) => void noticed.push(...some) },
      new AbortController().signal,
    );
    const saved = kernel.host.ran.map(({ command, args }) => `${command} ${args.join(' ')}`);
    const times = (command: string): number => saved.filter((one) => one === command).length;
    return { ...found, noticed, reads: [4, 6].map((v) => times(savingNat(v))) };
  }

  function savingNat(version: number): string {
    return `${version === 4 ? 'iptables' : 'ip6tables'}-nft-save -t nat`;
  }

  it('reads each family once for the last good state and for what is loaded', async () => {
    const { first, loaded, noticed, reads } = await begin(GRACE, LAST);
    expect([first?.snapshot, [...loaded], noticed]).to.deep.equal([LAST, ['shop/web'], []]);
    expect(reads).to.deep.equal([1, 1]);
  });

  it('reads nothing where nobody asks', async () => {
    const { first, loaded, reads } = await begin(0, undefined);
    expect([first, [...loaded], reads]).to.deep.equal([undefined, [], [0, 0]]);
  });

  it('names what the kernel has rules for', async () => {
    const { host } = kernel;
    const rule =
      '-A KUBE-SERVICES -d 10.96.0.9/32 -p tcp -m comment --comment "old/gone cluster IP" -m tcp --dport 80 -j KUBE-SVC-AAAAAAAAAAAAAAAA';
    await host.run({
      command: 'iptables-nft-restore',
      args: ['--noflush'],
      input: `*nat\n:KUBE-SERVICES - [0:0]\n:KUBE-SVC-AAAAAAAAAAAAAAAA - [0:0]\n${rule}\nCOMMIT\n`,
    });
    const { first, loaded } = await begin(GRACE, LAST);
    expect([first, [...loaded].sort()]).to.deep.equal([undefined, ['old/gone', 'shop/web']]);
  });
});

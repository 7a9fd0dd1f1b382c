import { expect } from 'chai';
import { nfacctSupport } from '../../src/host/facts.js';
import { MemoryHost, type MemoryHostScript } from '../support/kernels/memory-host.js';

const KERNEL = '6.1.0';
const DEP =
  'kernel/net/netfilter/nfnetlink_acct.ko.xz: kernel/net/netfilter/nfnetlink.ko.xz\nkernel/net/netfilter/xt_nfacct.ko.xz: a\n';

async function supported(script: MemoryHostScript): Promise<boolean> {
  return (await nfacctSupport(new MemoryHost({ kernel: KERNEL, ...script }))).supported;
}

describe('host/nfacct', () => {
  it('believes the tool', async () => {
    expect(await nfacctSupport(new MemoryHost({ commands: { 'nfacct list': '' } }))).to.deep.equal({
      supported: true,
      diagnostics: [],
    });
  });

  it('reads the modules of the kernel without the tool: loaded, built in, or there to be loaded', async () => {
    expect(
      await supported({
        files: {
          '/proc/modules':
            'xt_nfacct 16384 0 - Live 0x0\nnfnetlink_acct 16384 1 xt_nfacct, Live 0x0\n',
        },
      }),
    ).to.equal(true);
    expect(
      await supported({
        files: {
          '/lib/modules/6.1.0/modules.builtin':
            'kernel/net/netfilter/nfnetlink_acct.ko\nkernel/net/netfilter/xt_nfacct.ko\n',
        },
      }),
    ).to.equal(true);
    expect(await supported({ files: { '/lib/modules/6.1.0/modules.dep': DEP } })).to.equal(true);
  });

  it('asks for both halves, and takes no news for no', async () => {
    expect(await supported({})).to.equal(false);
    expect(
      await supported({ files: { '/proc/modules': 'nfnetlink_acct 16384 0 - Live 0x0\n' } }),
    ).to.equal(false);
    expect(
      await supported({ files: { '/proc/modules': 'my_xt_nfacct 1\nnfnetlink_acct_old 1\n' } }),
    ).to.equal(false);
  });

  it('reports how it came to a guess', async () => {
    const refused = {
      kind: 'exited',
      code: 1,
      stdout: '',
      stderr: 'nfacct v1.0.2: error: Operation not permitted\n',
    } as const;
    const host = new MemoryHost({ commands: { 'nfacct list': refused } });
    const [diagnostic] = (await nfacctSupport(host)).diagnostics;
    expect(diagnostic?.severity).to.equal('note');
    expect(diagnostic?.message).to.include('Operation not permitted').and.include('nfacct: false');
  });
});

/** Going back to what was read, after a part of an input was loaded and another refused. */

import { expect } from 'chai';
import { rollBack } from '../../src/apply/load.js';
import type { Backend } from '../../src/backends/backend.js';
import type { KernelState } from '../../src/backends/kernel.js';
import { loadNft } from '../../src/backends/nftables/kernel/load.js';
import { oneTransaction } from '../../src/backends/transaction.js';
import { exited, MemoryHost } from '../support/kernels/memory-host.js';

describe('apply/load: rollBack', () => {
  it('is carried out whole, whatever signal was given', async () => {
    const host = new MemoryHost({ answer: () => exited(0, '') });
    const rollbackInput = (): unknown => ['one\n', 'two\n'].flatMap(oneTransaction);
    const tools = { restore: 'nft' };
    const before = { family: 'IPv4', tools, rawText: '', rules: { rollbackInput } };
    const backend = { kernel: { readAgain: async () => before, load: loadNft } };
    const target = {
      ...{ host, lockTimeout: 1, timeout: 1, signal: AbortSignal.abort() },
      backend: backend as unknown as Backend,
    };
    expect(await rollBack(target, before as unknown as KernelState)).to.equal(true);
    expect(host.ran.map(({ input }) => input)).to.deep.equal(['one\n', 'two\n']);
  });
});

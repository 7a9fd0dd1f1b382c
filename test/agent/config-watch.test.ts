/** A configuration file that changes is noticed, however it is changed. */

import { expect } from 'chai';
import { configChanged } from '../../src/agent/process.js';
import { MemoryHost } from '../support/kernels/memory-host.js';

describe('configChanged', () => {
  it('reports a changed file, and not a missing one', async () => {
    const host = new MemoryHost({ files: { '/config': 'mode: iptables' } });
    const ended = new AbortController();
    const hasChanged = configChanged({ host, path: '/config', period: 2 }, ended.signal);
    host.files.delete('/config');
    await new Promise((resolve) => setTimeout(resolve, 10));
    host.files.set('/config', 'mode: iptables');
    await new Promise((resolve) => setTimeout(resolve, 10));
    host.files.set('/config', 'mode: nftables');
    expect(await hasChanged).to.equal(true);
  });

  it('ends with the signal', async () => {
    const host = new MemoryHost({ files: { '/config': '' } });
    const ended = new AbortController();
    const hasChanged = configChanged({ host, path: '/config', period: 60_000 }, ended.signal);
    ended.abort();
    expect(await hasChanged).to.equal(false);
  });
});

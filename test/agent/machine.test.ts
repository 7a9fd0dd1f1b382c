/** The facts of a machine while its interfaces change. */

import { expect } from 'chai';
import { HostFactsWatcher } from '../../src/agent/machine.js';
import type { NetworkInterface } from '../../src/host/host.js';
import { MemoryHost } from '../support/kernels/memory-host.js';
import { until } from '../support/until.js';

const LISTED = JSON.stringify([
  { ifname: 'eth0', addr_info: [{ local: '192.168.0.10', prefixlen: 24 }] },
  { ifname: 'down', addr_info: [{ local: '192.168.7.1', prefixlen: 24 }] },
]);

class ChangingHost extends MemoryHost {
  up: readonly NetworkInterface[] = [];

  override interfaces(): readonly NetworkInterface[] {
    return this.up;
  }
}

describe('agent/machine', () => {
  it('lists the addresses again after an interface changed, and asks for nothing else', async () => {
    const host = new ChangingHost({ commands: { 'ip -j address show': LISTED } });
    const facts = { nodeName: 'n', nfacct: true, interfaces: [], nft: '1.0.6' };
    const watcher = new HostFactsWatcher(host, facts);
    const stop = new AbortController();
    let changes = 0;
    const followed = watcher.follow(1, () => changes++, stop.signal);
    host.up = [{ name: 'eth0', addresses: ['192.168.0.10/24'] }];
    await until(() => changes > 0);
    expect(watcher.current).to.deep.equal({
      ...facts,
      interfaces: [
        { name: 'eth0', addresses: ['192.168.0.10/24'] },
        { name: 'down', addresses: ['192.168.7.1/24'] },
      ],
    });
    stop.abort();
    await followed;
    expect(changes).to.equal(1);
    expect(host.ran.map(({ command, args }) => [command, ...args].join(' '))).to.deep.equal([
      'ip -j address show',
    ]);
  });
});

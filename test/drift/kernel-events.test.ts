/** What `nft monitor` prints: which changes are reported, and when following is given up. */

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Loaded } from '../../src/apply/applier.js';
import { BACKENDS } from '../../src/backends/index.js';
import { followKernel, SETTLE } from '../../src/drift/kernel-events.js';
import type { Command, CommandResult } from '../../src/host/host.js';
import type { BackendName, Family, Ruleset } from '../../src/index.js';
import { smallCluster } from '../support/cluster/small-cluster.js';
import { MemoryHost } from '../support/kernels/memory-host.js';

const NEVER = new AbortController().signal;

function loadedWith(ruleset: Ruleset, variant: 'nf_tables' | 'legacy' = 'nf_tables'): Loaded {
  return { ruleset, tools: { family: 'IPv4', variant, save: '', restore: '', version: '' } };
}

/**
 * A monitor that prints these lines and is then ended after the time in which changes are gathered.
 */
class MonitoredHost extends MemoryHost {
  override async follow(command: Command, onLine: (line: string) => void): Promise<CommandResult> {
    const result = await super.follow(command, onLine);
    await sleep(2 * SETTLE);
    return result;
  }
}

async function followed(
  lines: readonly string[],
  name: BackendName = 'iptables',
): Promise<{ readonly families: readonly (readonly Family[])[]; readonly message: string }> {
  const host = new MonitoredHost({
    commands: { 'nft monitor': lines.map((line) => `${line}\n`).join('') },
    started: new Set([4711]),
  });
  const families: (readonly Family[])[] = [];
  const end = await followKernel(
    {
      host,
      backend: BACKENDS[name],
      loaded: () => [loadedWith(smallCluster())],
      changed: (some) => families.push(some),
    },
    NEVER,
  );
  return { families, message: end?.message ?? '' };
}

describe('drift/kernel-events', () => {
  it('reports what other programs wrote into our tables, several transactions at once', async () => {
    const { families } = await followed([
      'delete rule ip nat KUBE-SERVICES handle 12',
      '# new generation 7 by process 99 (iptables)',
      'add chain ip nat DOCKER',
      '# new generation 8 by process 100 (dockerd)',
    ]);
    expect(families).to.deep.equal([['IPv4']]);
  });

  it('passes over our own programs, and tables that hold nothing of ours', async () => {
    const { families } = await followed([
      'add rule ip nat KUBE-SERVICES counter packets 0 bytes 0',
      '# new generation 7 by process 4711 (iptables-nft-re)',
      'add rule inet filter input drop',
      'add rule ip kube-proxy services drop',
      '# new generation 8 by process 99 (nft)',
    ]);
    expect(families).to.deep.equal([]);
  });

  it('has the tables of each mode, and each family', async () => {
    const { families } = await followed(
      [
        'delete element ip6 kube-proxy cluster-ips { fd00::1 }',
        'add rule ip nat KUBE-SERVICES drop',
        '# new generation 8 by process 99 (nft)',
      ],
      'nftables',
    );
    expect(families).to.deep.equal([['IPv6']]);
  });

  it('treats a transaction without a pid as foreign', async () => {
    const { families } = await followed(['delete table ip nat', '# new generation 8']);
    expect(families).to.deep.equal([['IPv4']]);
  });

  it('reports that it ended and why, and that nft is missing', async () => {
    expect((await followed([])).message).to.include('nft monitor ended');
    const options = {
      backend: BACKENDS.iptables,
      loaded: () => [loadedWith(smallCluster())],
      changed: () => {},
    };
    const missing = await followKernel({ host: new MemoryHost(), ...options }, NEVER);
    expect(missing?.message).to.include('not installed');
    const crash: CommandResult = { kind: 'exited', code: 1, stdout: '', stderr: 'no netlink\n' };
    const host = new MemoryHost({ commands: { 'nft monitor': crash } });
    expect((await followKernel({ host, ...options }, NEVER))?.message).to.include('no netlink');
    const over = AbortSignal.abort();
    expect(await followKernel({ host, ...options }, over)).to.equal(undefined);
  });

  it('does not begin with rules that it would read for minutes, nor in legacy, and ends where they become too many', async () => {
    const small = smallCluster();
    const text = `# ${'x'.repeat(3_000_000)}\n`;
    const big: Ruleset = { ...small, ports: [{ origin: 'a/b', text }] };
    const changed = (): void => {};
    const backend = BACKENDS.iptables;
    const host = new MemoryHost({ commands: { 'nft monitor': '# new generation 8\n' } });
    const refused = await followKernel(
      { host, backend, changed, loaded: () => [loadedWith(big)] },
      NEVER,
    );
    expect(refused?.message).to.include('3 MB of rules');
    const legacy = await followKernel(
      { host, backend, changed, loaded: () => [loadedWith(small, 'legacy')] },
      NEVER,
    );
    expect(legacy?.message).to.include('legacy');
    expect(host.ran).to.deep.equal([]);
    let asked = 0;
    const grown = await followKernel(
      { host, backend, changed, loaded: () => [loadedWith(asked++ === 0 ? small : big)] },
      NEVER,
    );
    expect(grown?.message).to.include('3 MB of rules');
    expect(host.ran).to.have.length(1);
  });
});

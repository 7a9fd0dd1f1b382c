/** kube-proxy's metrics of node ports on loopback addresses: their names, labels and values. */

import { expect } from 'chai';
import type { LoopbackCounts } from '../../../src/agent/serving/loopback-metrics.js';
import { createMetrics } from '../../../src/agent/serving/metrics.js';
import type { Family } from '../../../src/index.js';
import { profileOf } from '../../../src/profiles/profiles.js';
import { MemoryHost } from '../../support/kernels/memory-host.js';

/** What `nft -j list counters` prints of these counters with their packets. */
function listed(counters: Readonly<Record<string, unknown>>): string {
  const items = Object.entries(counters).map(([name, packets]) => ({
    counter: { family: 'ip', name, table: 'kube-proxy', handle: 1, packets, bytes: 0 },
  }));
  const metainfo = { version: '1.0.6', release_name: 'Lester Gooch #5', json_schema_version: 1 };
  return JSON.stringify({ nftables: [{ metainfo }, ...items] });
}

/** The lines of a scrape about loopback. */
async function scrape(
  host: MemoryHost,
  counts: Partial<LoopbackCounts> = {},
  families: readonly Family[] = ['IPv4', 'IPv6'],
): Promise<() => Promise<readonly string[]>> {
  const loopback = { listening: () => new Map(), failures: () => new Map(), ...counts };
  const common = { version: '9.9.9', profile: profileOf('1.38')!, allowServiceExternalIps: true };
  const metrics = createMetrics({ ...common, mode: 'nftables', families, host, loopback });
  return async () =>
    (await metrics.text())
      .split('\n')
      .filter((line) => /^(?:# TYPE )?kubeproxy_nftables_localhost/.test(line));
}

const PREFIX = 'kubeproxy_nftables_localhost_nodeport';

describe('agent/serving/loopback-metrics', () => {
  it('gauges what listens and counts what could not, by family', async () => {
    const text = await scrape(new MemoryHost({}), {
      listening: () => new Map([['IPv4', 2]]),
      failures: () => new Map([['IPv6', 3]]),
    });
    const expected = [
      `# TYPE ${PREFIX}_listener_creation_failures_total counter`,
      `${PREFIX}_listener_creation_failures_total{ip_family="IPv6"} 3`,
      `# TYPE ${PREFIX}_listeners gauge`,
      `${PREFIX}_listeners{ip_family="IPv4"} 2`,
    ];
    expect(await text()).to.deep.equal(expected);
    expect(await text()).to.deep.equal(expected);
  });

  it('reads from the kernel what rules refuse, and keeps it where the kernel does not report it', async () => {
    let answer: string | undefined = listed({
      ...{ 'localhost-nodeport-rejected-udp': 7, 'localhost-nodeport-rejected-sctp': 0 },
      ...{ foreign: 5, 'localhost-nodeport-rejected-tcp': 'none' },
    });
    const host = new MemoryHost({
      answer: ({ args }) =>
        answer === undefined || args.includes('ip6')
          ? { kind: 'exited', code: 1, stdout: '', stderr: 'No such file or directory' }
          : { kind: 'exited', code: 0, stdout: answer, stderr: '' },
    });
    const text = await scrape(host);
    const counted = (udp: number): readonly string[] => [
      `# TYPE ${PREFIX}_rejected_packets_total counter`,
      `${PREFIX}_rejected_packets_total{ip_family="IPv4",protocol="UDP"} ${udp}`,
      `${PREFIX}_rejected_packets_total{ip_family="IPv4",protocol="SCTP"} 0`,
    ];
    expect(await text()).to.deep.equal(counted(7));
    expect(host.ran.map(({ command, args }) => [command, ...args].join(' '))).to.deep.equal([
      'nft -j list counters table ip kube-proxy',
      'nft -j list counters table ip6 kube-proxy',
    ]);
    answer = undefined;
    expect(await text()).to.deep.equal(counted(7));
    answer = '{"nftables": [{"coun';
    expect(await text()).to.deep.equal(counted(7));
    answer = listed({ 'localhost-nodeport-rejected-udp': 9 });
    expect(await text()).to.deep.equal(counted(9));
  });

  it('has none of them where the version has no rules for loopback', async () => {
    const common = {
      version: '9.9.9',
      profile: profileOf('1.38')!,
      allowServiceExternalIps: true,
      families: ['IPv4'] as const,
    };
    const host = new MemoryHost({});
    const metrics = createMetrics({ ...common, mode: 'nftables', host });
    expect(await metrics.text()).to.not.include(PREFIX);
    expect(host.ran).to.deep.equal([]);
  });
});

/**
 * The first load of an agent is reported as soon as the kernel has it, and compared with the kernel
 * afterwards.
 */

import { expect } from 'chai';
import { runAgent } from '../../src/agent/agent.js';
import type { SyncReport } from '../../src/agent/observer.js';
import type { DriftReport } from '../../src/drift/types.js';
import type { Command, CommandResult } from '../../src/host/host.js';
import { service, slice, snapshotOf } from '../model/support.js';
import { type AgentKernel, FAMILIES } from '../support/kernels/agent-kernels.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';
import { agentOptions } from '../support/process/running-agent.js';
import { until } from '../support/until.js';

/** Runs a program of somebody else before the first command once that is wanted. */
class MeddledHost extends NamespaceHost {
  meddles: readonly string[] | undefined;

  override async run(command: Command): Promise<CommandResult> {
    const [program, ...args] = this.meddles ?? [];
    this.meddles = undefined;
    if (program !== undefined) {
      const result = await super.run({ command: program, args, timeout: 10_000 });
      expect(result).to.deep.include({ kind: 'exited', code: 0 });
    }
    return super.run(command);
  }
}

const KERNELS = [
  {
    name: 'iptables-nft',
    options: { mode: 'iptables', iptables: 'nft' },
    breaks: ['iptables-nft', '-w', '-t', 'nat', '-D', 'KUBE-MARK-MASQ', '1'],
  },
  {
    name: 'iptables-legacy',
    options: { mode: 'iptables', iptables: 'legacy' },
    breaks: ['iptables-legacy', '-w', '-t', 'nat', '-D', 'KUBE-MARK-MASQ', '1'],
  },
  {
    name: 'nftables',
    options: { mode: 'nftables' },
    breaks: [
      'nft',
      'delete',
      'element',
      'ip',
      'kube-proxy',
      'service-ips',
      '{ 10.96.0.1 . tcp . 80 }',
    ],
  },
] as const;

for (const { name, options, breaks } of KERNELS)
  describe(`e2e: the first load of an agent, ${name}`, () => {
    let namespace: Namespace;
    let host: MeddledHost;

    before(async function () {
      requireKernel(this, ['iptables-nft', 'iptables-legacy', 'nft']);
      namespace = await openNamespace('first-load');
      host = new MeddledHost(namespace);
    });
    after(() => namespace?.close());

    it('is reported, compared, and repaired where another program came in between', async () => {
      const kernel: AgentKernel = {
        name,
        host,
        differences: async () => '',
        close: async () => {},
        ...options,
      };
      const synced: SyncReport[] = [];
      const drift: DriftReport[] = [];
      const stop = new AbortController();
      const object = service('web', { clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1'] });
      const running = runAgent(
        {
          ...agentOptions(kernel),
          ...{ verify: true, syncPeriod: 600_000 },
          drift: { policy: 'repair', watch: false, interval: 600_000 },
          source: {
            state: () => undefined,
            run: (_, signal) =>
              new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
          },
          lastGood: async () => snapshotOf(object, slice('web', ['10.0.0.1'])),
          observer: {
            synced: (report) => {
              synced.push(report);
              if (report.family === 'IPv4' && !report.verified) host.meddles = breaks;
            },
            drift: (report) => void drift.push(report),
          },
        },
        stop.signal,
      );
      const done = until(() => synced.length > 2 && drift.length > 1);
      await Promise.race([done, running]).finally(() => stop.abort());
      await running;
      expect(synced.map(({ family, verified }) => `${family} ${verified}`)).to.have.members([
        ...FAMILIES.map((family) => `${family} false`),
        'IPv4 true',
      ]);
      expect(
        drift.map(({ family, check, count }) => `${family} ${check} ${count}`),
      ).to.have.members(['IPv4 full 1', 'IPv6 full 0']);
    });
  });

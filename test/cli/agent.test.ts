/** The command line of the agent: what does not go together, and what ends it before it begins. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type AgentFlags, agentSource } from '../../src/cli/agent-options.js';
import { agent } from '../../src/cli/commands/agent.js';
import type { Diagnostic } from '../../src/diagnostics.js';
import { PermissionError, ToolError, UnsupportedError, UsageError } from '../../src/errors.js';
import type { Host } from '../../src/host/host.js';
import { MemoryHost } from '../support/kernels/memory-host.js';
import { runIn } from '../support/process/run-in.js';

const ROOT = {
  '/proc/self/status': 'CapEff:\t000001ffffffffff\n',
  '/proc/self/oom_score_adj': '-999\n',
};

describe('cli: agent', () => {
  const usage: readonly (readonly [words: readonly string[], says: RegExp])[] = [
    [['-f', '-'], /-f - ends, and an agent does not/],
    [['-f', 'x', '--context', 'y'], /-f and --context, a flag for an API server, cannot be used/],
    [['-f', 'x', '--as-group', 'y'], /-f and --as-group, a flag for an API server/],
    [['-f', 'x', '--kubeconfig', 'y'], /-f and --kubeconfig, a flag for an API server/],
    [['-f', 'x', '--master', 'y'], /-f and --master, a flag for an API server/],
    [['--server', 'x', '--master', 'y'], /--server and --master cannot be used together/],
    [['--watch'], /--recursive, --watch, --service-cidr and --removal-grace-period are for -f/],
    [['--removal-grace-period', '0'], /--removal-grace-period are for -f/],
    [['--removal-grace-period', 'soon'], /invalid argument "soon" for "--removal-grace-period"/],
    [['--drift', 'often'], /invalid argument "often" for "--drift" flag/],
    [['--drift', 'off,watch'], /invalid argument "off,watch" for "--drift" flag/],
    [['--drift', 'report,repair'], /invalid argument "report,repair" for "--drift" flag/],
    [['--drift-interval', '0s'], /must be a duration such as 10m or 30s/],
    [['--zone', 'a b'], /must be the value of a Kubernetes label/],
    [['--proxy-mode', 'nftables', '--iptables', 'nft', '-f', 'x'], /--iptables nft means nothing/],
    [
      ['--iptables-sync-period', 'soon'],
      /invalid argument "soon" for "--iptables-sync-period" flag/,
    ],
  ];
  for (const [words, says] of usage)
    it(`refuses ${words.join(' ')}`, async () => {
      const { code, err } = await runIn(['agent', '--oom-score-adj', '0', ...words]);
      expect(err).to.match(says);
      expect(code).to.equal(64);
    });

  for (const words of [[], ['--last-good', '/nonexistent/last-good.json']])
    it(`fails where no API server is known: ${words.join(' ')}`, async () => {
      const kubeconfig = ['--kubeconfig', '/nonexistent/kubeconfig'];
      const { code, err } = await runIn(['agent', '--oom-score-adj', '0', ...kubeconfig, ...words]);
      expect(err).to.include('/nonexistent/kubeconfig');
      expect(code).to.equal(2);
    });

  it('runs without an API server from a last good state, and warns once', async () => {
    const flags = { filename: [], recursive: false, watch: false, serviceCidr: [] };
    const warnings: Diagnostic[] = [];
    const { api } = await agentSource(
      flags,
      { kubeconfig: '/nonexistent/kubeconfig', nodeName: 'n', hasLastGood: true },
      { noticed: (diagnostics) => warnings.push(...diagnostics) },
    );
    const { signal } = new AbortController();
    for (let i = 0; i < 2; i++) {
      const error = await api!.get('/api/v1/nodes', {}, signal).catch((found: unknown) => found);
      expect(error).to.have.property('name', 'ClusterError');
    }
    expect(warnings.map(({ code, severity }) => [code, severity])).to.deep.equal([
      ['cluster-not-found', 'warning'],
    ]);
    expect(warnings[0]?.message).to.include('/nonexistent/kubeconfig');
  });
});

describe('cli: agent and its API server', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vipc-agent-'));
    await writeFile(
      join(folder, 'kubeconfig'),
      JSON.stringify({
        clusters: [{ name: 'c', cluster: { server: 'https://192.0.2.1' } }],
        users: [{ name: 'u', user: { token: 't' } }],
      }),
    );
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const rows: readonly (readonly [words: readonly string[], says: RegExp])[] = [
    [[], /current-context is not set/],
    [['--context', 'x'], /there is no "x" among the contexts/],
    [['--cluster', 'x'], /there is no "x" among the clusters/],
    [['--cluster', 'c', '--user', 'x'], /there is no "x" among the users/],
    [['--cluster', 'c', '--user', 'u', '--as-uid', '7'], /without impersonating a user/],
    [['--cluster', 'c', '--user', 'u', '--as-group', 'g'], /without impersonating a user/],
    [['--cluster', 'c', '--server', 'a b'], /--server: "a b" is not a URL/],
  ];
  for (const [words, says] of rows)
    it(`reads ${words.join(' ')}`, async () => {
      const kubeconfig = ['--kubeconfig', join(folder, 'kubeconfig')];
      const { code, err } = await runIn(['agent', '--oom-score-adj', '0', ...kubeconfig, ...words]);
      expect(err).to.match(says);
      expect(code).to.equal(2);
    });
});

describe('cli: agent on a machine that cannot be kept', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vipc-agent-'));
    await writeFile(join(folder, 'empty.yaml'), '');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const start = (host: Host, over: Partial<AgentFlags> = {}): Promise<unknown> => {
    const flags: AgentFlags = {
      ...{ filename: [folder], recursive: false, watch: true, serviceCidr: [], nodeName: 'n' },
      ...{ drift: { policy: 'off', watch: false }, driftInterval: 1000, verify: true },
      ...{ lockTimeout: 1, timeout: 1, family: 'ipv4', healthzPort: 0, metricsPort: 0 },
      clusterDomain: 'cluster.local',
      ...over,
    };
    return agent(flags, {}, host).catch((error: unknown) => error);
  };

  it('with flags that do not go together: UsageError, before it changes its own process', async () => {
    const host = new MemoryHost({ files: { ...ROOT, '/proc/self/oom_score_adj': '0\n' } });
    expect(await start(host, { filename: ['-'] })).to.be.instanceOf(UsageError);
    expect(host.files.get('/proc/self/oom_score_adj')).to.equal('0\n');
  });

  it('without rights: PermissionError', async () => {
    const files = { ...ROOT, '/proc/self/status': 'CapEff:\t0000000000000000\n' };
    expect(await start(new MemoryHost({ files }))).to.be.instanceOf(PermissionError);
  });

  it('without tools: ToolError', async () => {
    expect(await start(new MemoryHost({ files: ROOT }))).to.be.instanceOf(ToolError);
  });

  it('with a family that the kernel lacks: UnsupportedError', async () => {
    const answer = () => ({
      ...({ kind: 'exited', code: 0, stderr: '' } as const),
      stdout: 'iptables v1.8.9 (nf_tables)',
    });
    const host = new MemoryHost({ files: ROOT, answer });
    expect(await start(host, { family: 'ipv6' })).to.be.instanceOf(UnsupportedError);
  });
});

/**
 * The agent as a process that follows a folder: most Services disappear, come back, and disappear
 * for good.
 */

import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { BACKENDS } from '../../src/backends/index.js';
import { requireKernel } from '../support/kernels/kernel-tools.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';
import { type AgentProcess, isSync, startAgent } from '../support/process/agent-process.js';
import { until } from '../support/until.js';

const MISSING = 'Most Services are missing, and keep their rules for now';

describe('e2e: an agent of a folder', () => {
  let folder: string;
  let namespace: Namespace;
  let agent: AgentProcess | undefined;

  before(function () {
    requireKernel(this, ['nft', 'conntrack']);
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vipc-folder-'));
    namespace = await openNamespace('folder');
  });
  afterEach(async () => {
    await agent?.stop('SIGKILL');
    await namespace?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const text = (names: readonly string[]): string =>
    JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'List' },
      items: names.map((name) => {
        const ip = `10.96.0.${name.charCodeAt(0)}`;
        const spec = { clusterIP: ip, clusterIPs: [ip], ports: [{ port: 80 }] };
        return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec };
      }),
    });
  /** Puts the file in place of the one before, whole. */
  const put = async (...names: readonly string[]): Promise<void> => {
    await writeFile(join(folder, '.new'), text(names));
    await rename(join(folder, '.new'), join(folder, 'all.json'));
  };
  const start = (gracePeriod: string): AgentProcess => {
    const follow = ['-f', folder, '--watch', '--removal-grace-period', gracePeriod];
    const rules = ['--proxy-mode', 'nftables', '--family', 'ipv4', '--oom-score-adj', '0'];
    return startAgent(namespace, [...follow, ...rules, '--iptables-min-sync-period', '1ms']);
  };
  /** The Services whose addresses the kernel has. */
  const loaded = async (): Promise<string> => {
    const host = new NamespaceHost(namespace);
    const { rawText } = await BACKENDS.nftables.kernel.read(host, 'IPv4', {});
    return ['a', 'b', 'c', 'd']
      .filter((name) => rawText.includes(`10.96.0.${name.charCodeAt(0)}"`))
      .join('');
  };
  const holds = (names: string): Promise<void> => {
    let seen = '';
    return until(
      async () => {
        seen = await loaded();
        return seen === names;
      },
      () => `${names}, but ${seen}`,
    );
  };

  it('keeps the rules while most Services are missing, also over a restart', async () => {
    await put('a', 'b', 'c');
    agent = start('1h');
    await agent.until('first sync', isSync('IPv4'));
    await holds('abc');
    await put('d');
    const line = await agent.until('a warning', ({ msg }) => msg === MISSING);
    expect(line).to.deep.include({ level: 'warn', count: 3, gracePeriod: '3600s' });
    expect(line.services).to.deep.equal(['default/a', 'default/b', 'default/c']);
    await holds('abcd');
    await agent.stop();
    agent = start('1h');
    await agent.until('a warning', ({ msg }) => msg === MISSING);
    await agent.until('first sync', isSync('IPv4'));
    await holds('abcd');
    await put('a', 'b', 'c', 'd');
    await agent.until('an end', ({ msg }) => msg === 'Missing Services are back');
    await holds('abcd');
    await agent.stop();
  });

  it('removes them when the grace period is over', async () => {
    await put('a', 'b', 'c');
    agent = start('2s');
    await holds('abc');
    await put('c');
    await agent.until('a warning', ({ msg }) => msg === MISSING);
    await agent.until('an end', ({ msg }) => msg === 'Missing Services are removed');
    await holds('c');
    await agent.stop();
  });
});

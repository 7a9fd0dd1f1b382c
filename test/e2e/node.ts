/** A machine with an agent on it: a namespace, an API server in it, and what its kernel should hold at the moment. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { undoSettings } from '../../src/apply/host-settings.js';
import { KERNELS } from '../../src/apply/kernels.js';
import { type BackendName, compileSnapshot, type Family, loadSnapshot } from '../../src/index.js';
import { type AgentProcess, startAgent } from '../support/agent-process.js';
import {
  type ApiObject,
  type ApiServerOptions,
  type RemoteApiServer,
  spawnApiServer,
} from '../support/api-server/index.js';
import { NamespaceHost } from '../support/namespace-host.js';
import { type Namespace, openNamespace } from '../support/netns.js';

/** One way to keep rules, as an agent is told it. */
export interface AgentMode {
  readonly name: string;
  readonly mode: BackendName;
  readonly flags: readonly string[];
  readonly iptables?: 'nft' | 'legacy';
}

export const AGENT_MODES: readonly AgentMode[] = [
  { name: 'iptables-nft', mode: 'iptables', flags: ['--iptables', 'nft'], iptables: 'nft' },
  {
    name: 'iptables-legacy',
    mode: 'iptables',
    flags: ['--iptables', 'legacy'],
    iptables: 'legacy',
  },
  { name: 'nftables', mode: 'nftables', flags: [] },
];

export const NODE_NAME = 'node-a';
export const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];

/** A configuration that makes an agent as quick as a test wants it. */
function configuration({ mode }: AgentMode, kubeconfig: string): string {
  const periods = { syncPeriod: '1s', minSyncPeriod: '1ms' };
  return JSON.stringify({
    ...{ apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration' },
    ...{ mode, iptables: periods, nftables: periods, oomScoreAdj: 0 },
    clientConnection: { kubeconfig },
  });
}

export class AgentNode {
  readonly namespace: Namespace;
  readonly server: RemoteApiServer;
  readonly folder: string;
  readonly #agents: AgentProcess[] = [];

  private constructor(namespace: Namespace, server: RemoteApiServer, folder: string) {
    this.namespace = namespace;
    this.server = server;
    this.folder = folder;
  }

  /** A namespace of its own unless one is given, with an API server that holds the objects. */
  static async open(options: ApiServerOptions, given?: Namespace): Promise<AgentNode> {
    const namespace = given ?? (await openNamespace('agent'));
    const folder = await mkdtemp(join(tmpdir(), 'vipc-agent-'));
    const server = await spawnApiServer(options, namespace);
    await server.kubeconfig(join(folder, 'kubeconfig'));
    return new AgentNode(namespace, server, folder);
  }

  /** An agent that follows the server. */
  async start(mode: AgentMode, ...more: readonly string[]): Promise<AgentProcess> {
    const config = join(this.folder, 'config.json');
    await writeFile(config, configuration(mode, join(this.folder, 'kubeconfig')));
    const flags = ['--config', config, '--hostname-override', NODE_NAME, ...mode.flags, ...more];
    const agent = startAgent(this.namespace, flags);
    this.#agents.push(agent);
    return agent;
  }

  /** What the kernel holds else than the rules for the server's objects; `''` where it holds exactly these. */
  async differences(
    { mode, iptables }: AgentMode,
    objects?: readonly ApiObject[],
  ): Promise<string> {
    const items = objects ?? (await this.server.objects());
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    const { snapshot } = loadSnapshot([{ name: 'server', text }]);
    const host = new NamespaceHost(this.namespace);
    const read = iptables === undefined ? {} : { iptables };
    const { facts } = await KERNELS[mode].facts(host, read);
    const found: string[] = [];
    for (const family of FAMILIES) {
      const { ruleset } = compileSnapshot(snapshot, family, {
        ...{ mode, nodeName: NODE_NAME, host: facts },
      });
      const { reading } = await KERNELS[mode].read(host, family, read);
      const { changes, leftovers } = reading.plan(ruleset);
      for (const { table, chain, action } of [...changes, ...leftovers])
        found.push(`${family} ${table} ${chain}: ${action}`);
    }
    return found.join('\n');
  }

  /** Waits until the kernel holds exactly the rules for the server's objects. */
  async settled(mode: AgentMode): Promise<void> {
    const deadline = Date.now() + 40_000;
    for (;;) {
      const found = await this.differences(mode);
      if (found === '') return;
      if (Date.now() > deadline) throw new Error(`the kernel does not get there:\n${found}`);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.stop('SIGKILL')));
    await this.server.close();
    await undoSettings(new NamespaceHost(this.namespace));
    await this.namespace.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

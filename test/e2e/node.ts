/**
 * A machine with an agent on it: a namespace, an API server in it, and what its kernel should hold
 * at the moment.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { undoSettings } from '../../src/apply/host-settings.js';
import { BACKENDS } from '../../src/backends/index.js';
import {
  type BackendName,
  compileSnapshot,
  type Family,
  type HostFacts,
  loadConfig,
  loadSnapshot,
} from '../../src/index.js';
import {
  type ApiObject,
  type ApiServerOptions,
  type RemoteApiServer,
  spawnApiServer,
} from '../support/api-server/index.js';
import { NamespaceHost } from '../support/machines/namespace-host.js';
import { type Namespace, openNamespace } from '../support/machines/netns.js';
import { type AgentProcess, startAgent } from '../support/process/agent-process.js';
import { PATIENCE } from '../support/until.js';

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

/**
 * Milliseconds until the rules are looked at where no agent says anything: a look costs it its
 * time.
 */
const LOOK = 2000;

export const NODE_NAME = 'node-a';
export const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];

/** Who a machine is, where it is not {@link NODE_NAME} with kube-proxy's defaults. */
export interface Machine {
  readonly nodeName?: string;
  /** Fields of its KubeProxyConfiguration. */
  readonly config?: object;
  /** What it has beside loopback. */
  readonly interfaces?: HostFacts['interfaces'];
}

/** How an agent is started. */
interface Launch {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A configuration that makes an agent as quick as a test wants it. */
function configuration({ mode }: AgentMode, kubeconfig: string, more: object = {}): string {
  const periods = { syncPeriod: '1s', minSyncPeriod: '1ms' };
  return JSON.stringify({
    ...{ apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration' },
    ...{ mode, iptables: periods, nftables: periods, oomScoreAdj: 0 },
    clientConnection: { kubeconfig },
    ...more,
  });
}

export class AgentNode {
  readonly namespace: Namespace;
  readonly server: RemoteApiServer;
  readonly folder: string;
  readonly #machine: Machine;
  readonly #agents: AgentProcess[] = [];

  private constructor(
    namespace: Namespace,
    server: RemoteApiServer,
    folder: string,
    machine: Machine,
  ) {
    this.namespace = namespace;
    this.server = server;
    this.folder = folder;
    this.#machine = machine;
  }

  /** A namespace of its own unless one is given, with an API server that holds the objects. */
  static async open(
    options: ApiServerOptions,
    given?: Namespace,
    machine: Machine = {},
  ): Promise<AgentNode> {
    const namespace = given ?? (await openNamespace('agent'));
    const folder = await mkdtemp(join(tmpdir(), 'vipc-agent-'));
    const server = await spawnApiServer(options, namespace);
    await server.kubeconfig(join(folder, 'kubeconfig'));
    return new AgentNode(namespace, server, folder, machine);
  }

  /** An agent that follows the server. */
  async start(mode: AgentMode, { flags = [], env = {} }: Launch = {}): Promise<AgentProcess> {
    // One file per mode: an agent ends when its own changes.
    const config = join(this.folder, `${mode.name}.json`);
    await writeFile(config, this.#configuration(mode));
    const all = ['--config', config, '--hostname-override', this.#nodeName, ...mode.flags];
    const agent = startAgent(this.namespace, [...all, ...flags], env);
    this.#agents.push(agent);
    return agent;
  }

  get #nodeName(): string {
    return this.#machine.nodeName ?? NODE_NAME;
  }

  #configuration(mode: AgentMode): string {
    return configuration(mode, join(this.folder, 'kubeconfig'), this.#machine.config);
  }

  /**
   * What the kernel holds else than the rules for the server's objects; `''` where it holds exactly
   * these.
   */
  async differences(agentMode: AgentMode, objects?: readonly ApiObject[]): Promise<string> {
    const { mode, iptables } = agentMode;
    const items = objects ?? (await this.server.objects());
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    const { snapshot } = loadSnapshot([{ name: 'server', text, stored: true }]);
    const host = new NamespaceHost(this.namespace);
    const { config } = loadConfig(this.#configuration(agentMode), 'config');
    const read = { layout: config.layout, iptables };
    const { facts } = await BACKENDS[mode].kernel.facts(host, read);
    const { interfaces = facts.interfaces } = this.#machine;
    const machine = { ...facts, interfaces };
    const options = { mode, config, nodeName: this.#nodeName, host: machine };
    const found: string[] = [];
    for (const family of FAMILIES) {
      const { ruleset } = compileSnapshot(snapshot, family, options);
      const { rules } = await BACKENDS[mode].kernel.read(host, family, read);
      const { changes, leftovers } = rules.plan(ruleset);
      for (const { table, name, action } of [...changes, ...leftovers])
        found.push(`${family} ${table} ${name}: ${action}`);
    }
    return found.join('\n');
  }

  /** Waits until the kernel holds exactly the rules for the server's objects. */
  async settled(mode: AgentMode): Promise<void> {
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      const before = this.#logged();
      const found = await this.differences(mode);
      if (found === '') return;
      if (Date.now() > deadline) throw new Error(`the kernel does not get there:\n${found}`);
      const next = Date.now() + LOOK;
      while (this.#logged() === before && Date.now() < next) await pause(20);
    }
  }

  /** How many lines all agents of this machine have logged: every sync is one. */
  #logged(): number {
    return this.#agents.reduce((sum, { log }) => sum + log.length, 0);
  }

  async close(): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.stop('SIGKILL')));
    await this.server.close();
    await undoSettings(new NamespaceHost(this.namespace));
    await this.namespace.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/**
 * One cell of `scripts/bench agent`: in a network namespace of its own an API server, an agent as
 * it is installed and the real kernel. The server is asked for changes, and the agent's log and
 * /proc say what became of them.
 */

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { LayoutName } from '../../src/config/types.js';
import { type RemoteApiServer, spawnApiServer } from '../../test/support/api-server/index.js';
import { AgentKernel } from './agent-kernel.js';
import { apiObjects, movedApiSlice, NODE_NAME } from './agent-objects.js';
import { type AgentLine, isSync, type RunningAgent, startAgent } from './agent-process.js';
import type { Variant } from './apply-raw.js';
import type { Size } from './cluster.js';
import { KernelCommits } from './kernel-commits.js';
import { type Measured, Measuring } from './measuring.js';
import { ChildMemory, memory, processorTime } from './process-usage.js';

/** What one cell measures. */
export interface AgentCell {
  readonly variant: Variant;
  readonly layout: LayoutName;
  readonly size: Size;
  /** How many slices are changed, one after the other. */
  readonly changes: number;
  /** Seconds without any change. */
  readonly idle: number;
  /** Seconds with {@link RATE} changes each. */
  readonly busy: number;
  /** Flags of Node that the agent runs with: for profiles. */
  readonly node: readonly string[];
}

/** Changes in a second. */
export const RATE = 10;
/** Milliseconds: a sync period of 30 seconds, and the comparison of a large kernel. */
const SETTLING = 45_000;
/** Milliseconds between a sync and the next change. */
const PAUSE = 100;
/** Every so many changes the tool alone makes the same one. */
const TOOL_EVERY = 2;
/** Every so many changes the kernel is asked whether it has it. */
const LOOK_EVERY = 5;

const MODES: Readonly<
  Record<Variant, { readonly mode: string; readonly flags: readonly string[] }>
> = {
  nf_tables: { mode: 'iptables', flags: ['--iptables', 'nft'] },
  legacy: { mode: 'iptables', flags: ['--iptables', 'legacy'] },
  nftables: { mode: 'nftables', flags: [] },
};

/** Runs the cell in this process, whose network namespace nobody else uses. */
export async function runAgentCell(cell: AgentCell): Promise<Measured> {
  await promisify(execFile)('ip', ['link', 'set', 'lo', 'up']);
  const folder = await mkdtemp(join(tmpdir(), 'vipc-bench-'));
  const kernel = new AgentKernel(cell);
  // Nothing tells of the commits of iptables-legacy.
  const commits = cell.variant === 'legacy' ? undefined : await KernelCommits.follow(folder);
  const server = await spawnApiServer({ objects: apiObjects(cell.size) });
  try {
    await server.kubeconfig(join(folder, 'kubeconfig'));
    const file = join(folder, 'config.json');
    await writeFile(file, configuration(cell, join(folder, 'kubeconfig')));
    return await new AgentRun(cell, { kernel, commits, server }, file).all();
  } finally {
    await server.close();
    await commits?.end();
    await kernel.undo();
    await rm(folder, { recursive: true });
  }
}

/** kube-proxy's defaults, but for the time that it was measured with. */
function configuration({ variant, layout }: AgentCell, kubeconfig: string): string {
  const section = { minSyncPeriod: '1ms' };
  return JSON.stringify({
    ...{ apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration' },
    ...{ mode: MODES[variant].mode, layout, iptables: section, nftables: section },
    clientConnection: { kubeconfig },
  });
}

/** What an agent has to do with. */
interface Machine {
  readonly kernel: AgentKernel;
  readonly commits: KernelCommits | undefined;
  readonly server: RemoteApiServer;
}

class AgentRun {
  readonly #cell: AgentCell;
  readonly #kernel: AgentKernel;
  readonly #commits: KernelCommits | undefined;
  readonly #server: RemoteApiServer;
  readonly #config: string;
  readonly #measuring = new Measuring();
  #changes = 0;

  constructor(cell: AgentCell, { kernel, commits, server }: Machine, config: string) {
    this.#cell = cell;
    this.#kernel = kernel;
    this.#commits = commits;
    this.#server = server;
    this.#config = config;
  }

  async all(): Promise<Measured> {
    await this.#fromEmpty();
    await this.#restarted();
    const differences = await this.#kernel.differences(await this.#server.objects(), NODE_NAME);
    if (differences !== '') throw new Error(`the kernel is not as it should be:\n${differences}`);
    return this.#measuring.result();
  }

  /** The first agent: start, single changes, rest, many changes. */
  async #fromEmpty(): Promise<void> {
    const { changes, idle, busy } = this.#cell;
    await this.#with([], async (agent, children) => {
      await this.#start('empty kernel', agent);
      this.#remember('after the first sync', agent);
      this.#note('largest child, start', children.take());
      for (let i = 0; i < changes; i++) await this.#change(agent, i);
      // What was changed is compared once, in the next sync period.
      await sleep(SETTLING);
      await this.#usage('idle', agent, () => sleep(idle * 1000));
      this.#remember('after the idle time', agent);
      this.#note('largest child, later', children.take());
      const from = agent.log.length;
      await this.#usage('busy', agent, () => this.#many(busy * RATE));
      this.#note('busy, syncs a second', agent.log.slice(from).filter(isSync).length / busy);
      await quiet(agent);
      this.#remember('after the busy time', agent);
      this.#note('peak', memory(agent.pid)?.peak ?? Number.NaN);
    });
  }

  /** The second one finds the kernel as it should be, and looks at every rule once. */
  async #restarted(): Promise<void> {
    const flags = ['--v', '4', '--drift-interval', '1s'];
    await this.#with(flags, async (agent, children) => {
      const { bytesSent } = await this.#start('right kernel', agent);
      if (bytesSent !== 0) throw new Error(`a restart wrote ${bytesSent} bytes`);
      this.#note('largest child, restart', children.take());
      this.#remember('after a restart', agent);
      const looked = await agent.until(
        ({ part, check, ipFamily }) => part === 'drift' && check === 'full' && ipFamily === 'IPv4',
      );
      if (looked.count !== 0) throw new Error(`drift that nobody made: ${JSON.stringify(looked)}`);
      this.#note('full check', Number(looked.seconds) * 1000);
      this.#note('largest child, full check', children.take());
      this.#remember('after a full check', agent);
      this.#note('peak with a full check', memory(agent.pid)?.peak ?? Number.NaN);
    });
  }

  async #with(
    flags: readonly string[],
    work: (agent: RunningAgent, children: ChildMemory) => Promise<void>,
  ): Promise<void> {
    const { variant, node } = this.#cell;
    const all = ['--config', this.#config, '--hostname-override', NODE_NAME];
    const agent = startAgent(node, [...all, ...MODES[variant].flags, ...flags]);
    const children = new ChildMemory(agent.pid);
    try {
      await work(agent, children);
    } finally {
      children.end();
      await agent.stop();
    }
  }

  async #start(what: string, agent: RunningAgent): Promise<AgentLine> {
    const first = await agent.until(isSync);
    this.#note(`start, ${what}`, first.at - agent.started);
    const committed = this.#committed(agent.started, first);
    this.#note(`start, ${what}, rules`, committed - agent.started);
    // The other family, and what both do after a first sync.
    const other = await agent.until(
      ({ msg, ipFamily }) => msg === first.msg && ipFamily === 'IPv6',
    );
    this.#note(`start, ${what}, ready`, Math.max(first.at, other.at) - agent.started);
    await quiet(agent);
    return first;
  }

  /** When the kernel had the rules of a sync: the end of the tool where no commit is told of. */
  #committed(from: number, { at }: AgentLine): number {
    return this.#commits?.lastBefore(at, from) ?? at;
  }

  /** From the call that makes the server send the event to the commit, and the end of the tool. */
  async #change(agent: RunningAgent, i: number): Promise<void> {
    const { number, address, slice } = this.#next();
    const from = agent.log.length;
    const start = performance.now();
    await this.#server.set(slice);
    const line = await agent.until(isSync, from);
    this.#note('event to kernel', this.#committed(start, line) - start);
    this.#note('event to kernel, the end', line.at - start);
    this.#note('event to kernel, the sync', Number(line.seconds) * 1000);
    if (line.kind !== 'partial') throw new Error(`a ${line.kind} sync for one slice`);
    const fragment = this.#kernel.moved(number, address);
    if (i % LOOK_EVERY === 0) await this.#kernel.mustHold(fragment, address);
    if (i % TOOL_EVERY === 0) this.#note('tool alone', await this.#kernel.byTool(fragment));
    await sleep(PAUSE);
  }

  /** As many changes at the rate, whatever the agent does meanwhile. */
  async #many(count: number): Promise<void> {
    const start = performance.now();
    for (let i = 0; i < count; i++) {
      await this.#server.set(this.#next().slice);
      await sleep(Math.max(0, start + ((i + 1) * 1000) / RATE - performance.now()));
    }
  }

  /** Another Service each time, and an address that no endpoint has. */
  #next(): { number: number; address: string; slice: ReturnType<typeof movedApiSlice> } {
    const { services, endpoints } = this.#cell.size;
    const n = this.#changes++;
    const number = (n * 7919 + 5) % services;
    const address = `10.99.${n >> 8}.${n & 255}`;
    return { number, address, slice: movedApiSlice(number, endpoints, address) };
  }

  /** Milliseconds of the processor in a second. */
  async #usage(what: string, { pid }: RunningAgent, work: () => Promise<unknown>): Promise<void> {
    const before = processorTime(pid);
    const start = performance.now();
    await work();
    const seconds = (performance.now() - start) / 1000;
    const after = processorTime(pid);
    this.#note(`${what}, agent`, (after.own - before.own) / seconds);
    this.#note(`${what}, tools`, (after.children - before.children) / seconds);
  }

  #remember(when: string, { pid }: RunningAgent): void {
    this.#note(when, memory(pid)?.now ?? Number.NaN);
  }

  #note(what: string, value: number): void {
    this.#measuring.note(what, value);
  }
}

/** Milliseconds without a line, after which nothing is being done any more. */
const QUIET = 2500;

async function quiet({ log }: RunningAgent): Promise<void> {
  for (let seen = -1; seen !== log.length; await sleep(QUIET)) seen = log.length;
}

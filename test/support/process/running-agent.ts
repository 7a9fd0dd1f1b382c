/**
 * A whole agent in this process, with a fake API server that it follows over TLS, and a kernel that
 * it keeps.
 */

import { getEventListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { type AgentOptions, runAgent } from '../../../src/agent/agent.js';
import { observers, type SyncFailure, type SyncReport } from '../../../src/agent/observer.js';
import { createMetrics } from '../../../src/agent/serving/metrics.js';
import { ProxyHealth } from '../../../src/agent/serving/proxy-health.js';
import type { ObjectSource, SourceStatus, WatchedKind } from '../../../src/agent/source.js';
import { clusterSource } from '../../../src/agent/sources/cluster-source.js';
import type { Api } from '../../../src/cluster/api.js';
import { connect } from '../../../src/cluster/connection.js';
import { openApi } from '../../../src/cluster/http-api.js';
import { defaultConfig } from '../../../src/config/defaults.js';
import type { Diagnostic } from '../../../src/diagnostics.js';
import { DEFAULT_PROFILE } from '../../../src/profiles/profiles.js';
import { type ApiServer, type ApiServerOptions, startApiServer } from '../api-server/index.js';
import {
  type AcceleratedClock,
  type Asked,
  acceleratedApi,
  acceleratedClock,
  stormAt,
  stormIn,
} from '../cluster/accelerated-api.js';
import { type AgentKernel, FAMILIES, memoryIptables, NODE_NAME } from '../kernels/agent-kernels.js';
import { until as holds, PATIENCE } from '../until.js';

export interface RunningAgentOptions extends ApiServerOptions {
  /** In memory, iptables, unless one is given. It is closed with the agent. */
  readonly kernel?: AgentKernel;
  /** How much faster time runs for the client; 100. */
  readonly speed?: number;
  /** Puts something between the client and the server. */
  readonly through?: (api: Api) => Api;
}

/** An agent, and all that it reported. */
export interface ObservedAgent {
  readonly statuses: readonly SourceStatus[];
  readonly synced: readonly SyncReport[];
  readonly failed: readonly SyncFailure[];
  readonly noticed: readonly Diagnostic[];
  readonly health: ProxyHealth;
  readonly metrics: () => Promise<string>;
  /** How many listen to the signal that ends it. */
  readonly listeners: () => number;
  /** Throws what ended it, if anything did. */
  readonly check: () => void;
  /** Ends it. Throws what ended it before, and where a sync failed or the process was warned. */
  readonly stop: () => Promise<void>;
}

/** Runs an agent of this kernel and source. */
export function observeAgent(kernel: AgentKernel, source: ObjectSource): ObservedAgent {
  const statuses: SourceStatus[] = [];
  const synced: SyncReport[] = [];
  const failed: SyncFailure[] = [];
  const noticed: Diagnostic[] = [];
  const { mode, host } = kernel;
  const health = new ProxyHealth({ families: FAMILIES, syncPeriod: 30_000 });
  const metrics = createMetrics({
    ...{ mode, families: FAMILIES, host, version: 'test', allowServiceExternalIps: true },
    profile: DEFAULT_PROFILE,
  });
  const observer = observers([
    health,
    metrics.observer,
    {
      source: (status) => void statuses.push(status),
      synced: (report) => void synced.push(report),
      failed: (failure) => void failed.push(failure),
      noticed: (diagnostics) => void noticed.push(...diagnostics),
    },
  ]);
  const ending = new AbortController();
  const warnings: Error[] = [];
  const warned = (warning: Error): void => void warnings.push(warning);
  process.on('warning', warned);
  const running = runAgent({ ...agentOptions(kernel), source, observer }, ending.signal);
  let broken: Error | undefined;
  running.catch((error: unknown) => {
    broken = error instanceof Error ? error : new Error(String(error));
  });
  const check = (): void => {
    if (broken !== undefined) throw broken;
  };
  return {
    ...{ statuses, synced, failed, noticed, health, metrics: metrics.text, check },
    listeners: () => getEventListeners(ending.signal, 'abort').length,
    stop: async () => {
      ending.abort();
      await running.finally(() => process.off('warning', warned));
      if (failed[0] !== undefined) throw failed[0].error;
      if (warnings[0] !== undefined) throw warnings[0];
    },
  };
}

export interface RunningAgent extends Omit<ObservedAgent, 'check' | 'stop'> {
  readonly server: ApiServer;
  readonly kernel: AgentKernel;
  readonly clock: AcceleratedClock;
  /** Where the kubeconfig is; the token beside it, in `kubeconfig.token`. */
  readonly folder: string;
  /** Every request that was sent, or could not be. */
  readonly asked: readonly Asked[];
  /**
   * Waits until everything is followed and the kernel holds what it should: the rules for the
   * server's objects, or for these.
   */
  readonly converged: (objects?: () => readonly object[]) => Promise<void>;
  readonly until: (what: () => boolean) => Promise<void>;
  /** Lets that much of the client's time pass. */
  readonly pass: (seconds: number) => Promise<void>;
  /**
   * Stops everything. Throws where anything was asked too often, a sync failed, or the process was
   * warned.
   */
  readonly close: () => Promise<void>;
}

/**
 * Milliseconds for an answer: not shorter in proportion, because the server is in this process too.
 */
const TIMEOUT = 10_000;

export async function startRunningAgent(options: RunningAgentOptions = {}): Promise<RunningAgent> {
  const { kernel = memoryIptables(), speed = 100, through = (api: Api) => api } = options;
  const server = await startApiServer({
    ...{ bookmarkIntervalMs: 60_000 / speed, tooLargeWaitMs: 3000 / speed },
    ...options,
  });
  const folder = await mkdtemp(join(tmpdir(), 'vipc-agent-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await server.kubeconfig(kubeconfig, { credentials: 'tokenFile' });
  const connection = await connect({ kubeconfig, environment: {} });
  const plain = openApi(connection, { userAgent: 'vipc/test', timeout: TIMEOUT });
  const clock = acceleratedClock(speed);
  const asked: Asked[] = [];
  const note = (one: Asked): void => void asked.push(one);
  const api = acceleratedApi(through(plain), { speed, clock, asked: note });
  const agent = observeAgent(kernel, clusterSource(api, NODE_NAME, { clock }));
  const { statuses, synced } = agent;

  const until: RunningAgent['until'] = async (what) => {
    await holds(
      () => {
        agent.check();
        return what();
      },
      () => String(what),
    );
  };
  const followed = (): boolean => {
    const last = new Map<WatchedKind, string>();
    for (const { kind, state } of statuses) last.set(kind, state);
    const isFollowed = [...last.values()].every((state) => state === 'following');
    // A fifth watch would be one without a reader.
    return last.size === 4 && isFollowed && server.stats().openWatches === 4;
  };
  const converged: RunningAgent['converged'] = async (objects = server.objects) => {
    let seen = '';
    let difference = 'nobody looked';
    let took = 5;
    const deadline = performance.now() + PATIENCE;
    while (performance.now() < deadline) {
      agent.check();
      const now = `${synced.length} ${server.stats().resourceVersion}`;
      if (now !== seen) {
        seen = now;
        const began = performance.now();
        difference = await kernel.differences(objects());
        took = Math.max(5, performance.now() - began);
      }
      if (difference === '' && followed()) return;
      // A look at twenty thousand objects keeps the agent from its work.
      await pause(took);
    }
    const last = statuses.slice(-4).map((status) => JSON.stringify(status));
    throw new Error(
      `never there:\n${difference.slice(0, 3000)}\n${last.join('\n')}\n${server.stats().openWatches} watches`,
    );
  };
  return {
    ...agent,
    ...{ server, kernel, clock, folder, asked, converged, until },
    pass: (seconds) => pause((seconds * 1000) / speed),
    close: async () => {
      // What broke is told, but not before everything is closed.
      const [ended] = await Promise.allSettled([agent.stop()]);
      api.close();
      await server.close();
      await rm(folder, { recursive: true });
      await kernel.close();
      if (ended.status === 'rejected') throw ended.reason;
      const storm = stormIn(asked) || stormAt(server.requests(), speed);
      if (storm !== '') throw new Error(`too many requests:\n${storm}`);
    },
  };
}

/** Options that make an agent as quick as a test wants it, and that leave drift to others. */
export function agentOptions(kernel: AgentKernel): Omit<AgentOptions, 'source' | 'observer'> {
  const { host, mode, iptables } = kernel;
  return {
    ...{ host, mode, families: FAMILIES, config: defaultConfig, nodeName: NODE_NAME, zone: '' },
    ...{ isNodeExpected: false, nodeWait: 0, minSyncPeriod: 1, syncPeriod: 1000 },
    drift: { policy: 'off', watch: false, interval: 600_000 },
    removalGracePeriod: 0,
    lock: { timeout: 10_000, about: 'a test' },
    ...{
      timeout: 60_000,
      loadGrace: 60_000,
      failedFolder: '/nowhere',
      verify: mode === 'iptables',
    },
    ...(iptables === undefined ? {} : { iptables }),
  };
}

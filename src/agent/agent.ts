/**
 * The agent: follows a source of objects and keeps the rules of this machine up to date until a
 * signal.
 */

import { setMaxListeners } from 'node:events';
import { Applier, type ApplierOptions, type Loaded } from '../apply/applier.js';
import type { LockOptions } from '../apply/lock.js';
import { type Mutex, mutex } from '../apply/mutex.js';
import { BACKENDS } from '../backends/index.js';
import type { Layout } from '../backends/layout.js';
import type { ProxyConfig } from '../config/types.js';
import { ChangeDetector } from '../drift/change-detector.js';
import { DriftWatch } from '../drift/drift-watch.js';
import { systemClock } from '../host/clock.js';
import type { Family } from '../net/ip.js';
import { type BeginningOptions, beginning } from './beginning.js';
import { AgentController, eligibilityOf } from './controller.js';
import { type DriftOptions, FamilyDrift, followDrift } from './family-drift.js';
import { FamilyLoop } from './family-loop.js';
import { FamilySync } from './family-sync.js';
import { HostFactsWatcher, MachineSettings } from './machine.js';
import { type AgentObserver, observers, type SyncReport } from './observer.js';
import { removeOtherModes } from './observers/other-modes.js';
import type { ObjectSource } from './source.js';
import { holdRemovals } from './sources/removal-hold.js';

/** What an agent keeps up to date, and how. Times in milliseconds. */
export interface AgentOptions extends BeginningOptions {
  readonly source: ObjectSource;
  readonly config: ProxyConfig;
  readonly nodeName: string;
  /** `''`: taken from the Node, if it has one. */
  readonly zone: string;
  /** Whether there must be a Node of this name. */
  readonly isNodeExpected: boolean;
  /** How long rules wait for a Node that is expected and not there: its addresses are in them. */
  readonly nodeWait: number;
  readonly minSyncPeriod: number;
  readonly syncPeriod: number;
  readonly drift: DriftOptions;
  /** kube-proxy's layout if absent. */
  readonly layout?: Layout;
  readonly lock: Omit<LockOptions, 'signal'>;
  /** For one run of the tool. */
  readonly timeout: number;
  /** How long after the signal the tool may still take for what it is loading. */
  readonly loadGrace: number;
  readonly failedFolder: string;
  readonly verify: boolean;
  readonly observer: AgentObserver;
}

/**
 * Runs until the signal; the rules stay. What is being loaded then is finished, or ended after a
 * while: the kernel holds all or nothing of it. Rejects for errors that retries cannot overcome: no
 * usable tools, no rights, a source that cannot be followed at all.
 */
export async function runAgent(options: AgentOptions, signal: AbortSignal): Promise<void> {
  const { host, mode, families, nodeName, isNodeExpected } = options;
  // Every watch, timer and running program adds a listener.
  setMaxListeners(0, signal);
  const drifts = new Map<Family, FamilyDrift>();
  const observer = observers([
    options.observer,
    { synced: (report) => checkUnverified(report, options, drifts) },
    removeOtherModes({
      ...{ host, mode, families, lock: { ...options.lock, signal } },
      noticed: (diagnostics) => options.observer.noticed?.(diagnostics),
    }),
  ]);
  await BACKENDS[mode].kernel.checkTools(host, families);
  const { facts, diagnostics } = await BACKENDS[mode].kernel.facts(host, {
    layout: options.config.layout,
    iptables: options.iptables,
    signal,
  });
  observer.noticed(diagnostics);
  const { loaded, first } = await beginning(options, observer, signal);
  const source = holdRemovals(options.source, {
    gracePeriod: options.removalGracePeriod,
    loaded,
  });
  const live = new HostFactsWatcher(host, facts);
  const work = new AgentController({
    ...{ families, source, nodeName, observer, signal },
    first,
    nodeWait: isNodeExpected ? options.nodeWait : 0,
    eligibility: eligibilityOf(nodeName, isNodeExpected),
  });
  const shared = { observer, kernelMutex: mutex(), signal };
  const loops = familyLoops(options, work, live, shared);
  for (const drift of familyDrifts(options, loops, shared)) drifts.set(drift.family, drift);
  work.start(loops);
  const following = [
    live.follow(options.syncPeriod, () => work.request(), signal),
    ...driftChecks(options, loops, [...drifts.values()], shared),
  ];
  try {
    await source.run(work, signal);
  } finally {
    // The agent also ends when its source fails.
    await Promise.all(loops.map((loop) => loop.idle()));
  }
  await Promise.all(following);
}

/** What both families have in common. */
interface Shared {
  readonly observer: Required<AgentObserver>;
  /** One at a time holds a dump of the kernel in memory. */
  readonly kernelMutex: Mutex;
  readonly signal: AbortSignal;
}

/** Whether the first load of each family is compared with the kernel after it was reported. */
function checksFirstLoad({ verify, drift }: AgentOptions): boolean {
  return verify && drift.policy === 'repair';
}

function checkUnverified(
  { family, verified, result }: SyncReport,
  options: AgentOptions,
  drifts: ReadonlyMap<Family, FamilyDrift>,
): void {
  const isLeft = result.from === 'kernel' && result.sent.length > 0 && !verified;
  if (isLeft && checksFirstLoad(options)) void drifts.get(family)?.checkLoad();
}

function familyDrifts(
  options: AgentOptions,
  loops: readonly FamilyLoop[],
  shared: Shared,
): readonly FamilyDrift[] {
  const { host, mode, drift } = options;
  const backend = BACKENDS[mode];
  const repair = drift.policy === 'repair';
  const detector = new ChangeDetector(host, shared.signal);
  const mark = (): Promise<string | undefined> => detector.mark();
  return loops.map((loop) => {
    const { family, applier } = loop;
    const watch = new DriftWatch({ host, family, applier, repair, backend, mark });
    return new FamilyDrift({ ...options, ...shared, loop, watch });
  });
}

function driftChecks(
  { host, mode, drift }: AgentOptions,
  loops: readonly FamilyLoop[],
  drifts: readonly FamilyDrift[],
  { observer, signal }: Shared,
): readonly Promise<void>[] {
  const backend = BACKENDS[mode];
  const loaded = (): readonly (Loaded | undefined)[] => loops.map(({ applier }) => applier.loaded);
  return [
    ...drifts.map((one) => one.run()),
    ...(drift.watch ? [followDrift({ host, backend, drifts, loaded, observer, signal })] : []),
  ];
}

function familyLoops(
  options: AgentOptions,
  work: AgentController,
  live: HostFactsWatcher,
  { observer, kernelMutex, signal }: Shared,
): readonly FamilyLoop[] {
  const { host, config } = options;
  const settings = new MachineSettings(host, config);
  const kill = afterwards(signal, options.loadGrace);
  const appliers: Applier[] = [];
  return options.families.map((family) => {
    const applier = new Applier({
      ...applierOptions(options, family, appliers, signal),
      ...{ kernelMutex, kill },
    });
    appliers.push(applier);
    const sync = new FamilySync({
      ...options,
      ...{ family, applier, settings, signal },
      checksFirstLoad: checksFirstLoad(options),
    });
    return new FamilyLoop({
      ...options,
      ...{ sync, observer, signal, kill },
      state: () => work.state(),
      facts: () => live.current,
    });
  });
}

/** A signal that follows another after so many milliseconds. */
function afterwards(signal: AbortSignal, milliseconds: number): AbortSignal {
  const later = new AbortController();
  const wait = (): void => systemClock.after(milliseconds, () => later.abort()).unref();
  signal.addEventListener('abort', wait, { once: true });
  return later.signal;
}

function applierOptions(
  options: AgentOptions,
  family: Family,
  others: readonly Applier[],
  signal: AbortSignal,
): ApplierOptions {
  const { host, mode, config, lock, timeout, failedFolder, verify } = options;
  return {
    ...{ host, family, timeout, failedFolder, verify, signal },
    profile: config.profile,
    backend: BACKENDS[mode],
    lock: { ...lock, signal },
    lockTimeout: lock.timeout,
    // Where the rules of this family do not show the variant, that of the other one is used.
    read: () => {
      const known = others.find(({ loaded }) => loaded !== undefined)?.loaded;
      return { iptables: options.iptables, otherFamily: known?.tools.variant, signal };
    },
  };
}

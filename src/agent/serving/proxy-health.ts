/**
 * Whether the rules of this node are up to date: as kube-proxy defines it, for probes and load
 * balancers, and a stricter readiness.
 */

import { type DriftDepth, type DriftReport, depthOf } from '../../drift/types.js';
import { type Clock, systemClock } from '../../host/clock.js';
import type { Family } from '../../net/ip.js';
import type {
  AgentObserver,
  DriftFailure,
  NodeEligibility,
  SyncFailure,
  SyncReport,
} from '../observer.js';
import type { SourceStatus, WatchedKind } from '../source.js';

export interface ProxyHealthOptions {
  readonly families: readonly Family[];
  /** Milliseconds. A family is unhealthy when a request is older than twice this. */
  readonly syncPeriod: number;
  /**
   * Milliseconds for which objects may go unfollowed until the node is not ready any more; five
   * minutes if absent.
   */
  readonly staleLimit?: number;
  readonly clock?: Clock | undefined;
}

/** One family's part. */
export interface FamilyHealth {
  /** When its rules were loaded last, or the start of the agent, in milliseconds of the epoch. */
  readonly lastUpdated: number;
  readonly healthy: boolean;
}

/** What kube-proxy's health server reports. */
export interface HealthState {
  /** Whether every family is healthy. */
  readonly healthy: boolean;
  /** Whether the Node lets load balancers send new connections. */
  readonly nodeEligible: boolean;
  /** The newest of all families. */
  readonly lastUpdated: number;
  readonly status: ReadonlyMap<Family, FamilyHealth>;
}

/** Whether the node is ready, with all reasons why not. */
export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

/** Times are monotonic, but for `lastUpdated`. */
interface FamilyRecord {
  lastUpdated: number;
  /** The oldest request that is not done. */
  pending: number | undefined;
  /** The newest one. */
  requested: number;
  isSynced: boolean;
  failure: string;
  /** Why a check for drift could not compare the kernel. */
  readonly unchecked: Map<DriftDepth, string>;
}

const STALE_LIMIT = 300_000;

/**
 * The health of one agent. A family is unhealthy when a sync that was asked for is not done after
 * two sync periods, and for no other reason; the start counts as asking. So kube-proxy is healthy
 * with stale objects and with none at all: {@link readiness} is not.
 */
export class ProxyHealth implements AgentObserver {
  readonly #clock: Clock;
  readonly #clockout: number;
  readonly #staleLimit: number;
  readonly #families: ReadonlyMap<Family, FamilyRecord>;
  readonly #stale = new Map<WatchedKind, { readonly since: number; readonly reason: string }>();
  #node: NodeEligibility = 'eligible';

  constructor({ families, syncPeriod, staleLimit, clock = systemClock }: ProxyHealthOptions) {
    this.#clock = clock;
    this.#clockout = 2 * syncPeriod;
    this.#staleLimit = staleLimit ?? STALE_LIMIT;
    const started = clock.now();
    const lastUpdated = clock.wall();
    this.#families = new Map(
      families.map((family): [Family, FamilyRecord] => [
        family,
        {
          lastUpdated,
          pending: started,
          requested: started,
          isSynced: false,
          failure: '',
          unchecked: new Map(),
        },
      ]),
    );
  }

  node(eligibility: NodeEligibility): void {
    this.#node = eligibility;
  }

  queued(families: readonly Family[]): void {
    for (const family of families) {
      const record = this.#families.get(family);
      if (record === undefined) continue;
      record.requested = this.#clock.now();
      record.pending ??= record.requested;
    }
  }

  synced({ family, seconds }: SyncReport): void {
    const record = this.#families.get(family);
    if (record === undefined) return;
    const began = this.#clock.now() - seconds * 1000;
    // A request made while the sync ran may not be part of it.
    record.pending = record.requested > began ? record.requested : undefined;
    record.lastUpdated = this.#clock.wall();
    record.isSynced = true;
    record.failure = '';
  }

  failed({ family, seconds, error }: SyncFailure): void {
    const record = this.#families.get(family);
    if (record === undefined) return;
    record.failure = error.message;
    record.pending ??= this.#clock.now() - seconds * 1000;
  }

  drift({ family, check }: DriftReport): void {
    this.#families.get(family)?.unchecked.delete(depthOf(check));
  }

  driftFailed({ family, check, error }: DriftFailure): void {
    this.#families.get(family)?.unchecked.set(depthOf(check), error.message);
  }

  source({ kind, state, reason }: SourceStatus): void {
    if (state !== 'stale') this.#stale.delete(kind);
    else {
      const since = this.#stale.get(kind)?.since ?? this.#clock.now();
      this.#stale.set(kind, { since, reason });
    }
  }

  /** The health as kube-proxy defines it. */
  state(): HealthState {
    const now = this.#clock.now();
    const status = new Map(
      [...this.#families].map(([family, { lastUpdated, pending }]): [Family, FamilyHealth] => {
        const healthy = pending === undefined || now - pending < this.#clockout;
        return [family, { lastUpdated, healthy }];
      }),
    );
    return {
      healthy: [...status.values()].every(({ healthy }) => healthy),
      nodeEligible: this.#node === 'eligible',
      lastUpdated: Math.max(0, ...[...status.values()].map(({ lastUpdated }) => lastUpdated)),
      status,
    };
  }

  /**
   * Whether every family was loaded, no last sync failed, objects are followed or have not been for
   * a short time only, and the kernel can be compared.
   */
  readiness(): Readiness {
    const now = this.#clock.now();
    const families = [...this.#families].flatMap(([family, { isSynced, failure, pending }]) => {
      if (failure !== '') return [`${family}: the last sync failed: ${failure}`];
      if (!isSynced) return [`${family}: nothing was loaded since the start`];
      const isLate = pending !== undefined && now - pending >= this.#clockout;
      return isLate ? [`${family}: a sync is ${secondsText(now - pending)} late`] : [];
    });
    const sources = [...this.#stale].flatMap(([kind, { since, reason }]) => {
      const age = now - since;
      if (age < this.#staleLimit) return [];
      return [`${kind} objects are stale for ${secondsText(age)}: ${reason}`];
    });
    const unchecked = [...this.#families].flatMap(([family, { unchecked }]) =>
      [...unchecked].map(
        ([check, reason]) => `${family}: the ${check} check cannot compare the rules: ${reason}`,
      ),
    );
    const reasons = [...families, ...sources, ...unchecked];
    return { ready: reasons.length === 0, reasons };
  }
}

function secondsText(milliseconds: number): string {
  return `${Math.floor(milliseconds / 1000)} s`;
}

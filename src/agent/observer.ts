/**
 * What happens inside an agent, for its observers: metrics, health, log, systemd, health check node
 * ports. The loop imports none of them.
 */

import type { ApplyResult } from '../apply/applier.js';
import type { Diagnostic } from '../diagnostics.js';
import type { DriftCheck, DriftReport } from '../drift/types.js';
import type { Model } from '../model/types.js';
import type { Family } from '../net/ip.js';
import type { Ruleset } from '../ruleset/types.js';
import type { NamespacedName, Snapshot } from '../snapshot/types.js';
import type { DelayedRemovals, SourceChange, SourceStatus } from './source.js';

/** A successful sync of one family. */
export interface SyncReport {
  readonly family: Family;
  /** `full`: planned from the kernel; `partial`: from what was loaded before. */
  readonly kind: 'full' | 'partial';
  /** Seconds from the beginning of the compile to the end of the load. */
  readonly seconds: number;
  readonly snapshot: Snapshot;
  /** Services of which an object was not understood. */
  readonly incomplete: ReadonlySet<NamespacedName>;
  /** What was to be loaded: {@link ApplyResult.wanted}. */
  readonly model: Model;
  readonly ruleset: Ruleset;
  readonly result: Omit<ApplyResult, 'wanted'>;
  /** Whether what was loaded was read back. */
  readonly verified: boolean;
  /**
   * {@link SourceChange.triggered} of all slices that this sync brought into the kernel, in
   * milliseconds of the epoch.
   */
  readonly triggered: readonly number[];
  /** Warnings and errors of this sync, also about objects. */
  readonly diagnostics: readonly Diagnostic[];
}

/** A failed sync of one family. It is retried, from the kernel. */
export interface SyncFailure {
  readonly family: Family;
  readonly kind: 'full' | 'partial';
  readonly seconds: number;
  readonly error: Error;
  /** Milliseconds until the next attempt. */
  readonly retryAfter: number;
}

/** One reconciliation of tracked flows. */
export interface FlowReport {
  readonly family: Family;
  readonly seconds: number;
  readonly deleted: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** A drift check that could not read or compare the kernel. */
export interface DriftFailure {
  readonly family: Family;
  readonly check: DriftCheck;
  readonly error: Error;
}

/** Whether load balancers should send new connections to this node (KEP-3836). */
export type NodeEligibility =
  | 'eligible'
  /** The Node was deleted, or an expected one does not exist. */
  | 'missing'
  /** It has a deletionTimestamp. */
  | 'deleting'
  /** Tainted `ToBeDeletedByClusterAutoscaler`. */
  | 'tainted';

/** Every method is optional, is called synchronously and must not throw. */
export interface AgentObserver {
  /** Objects were added, changed or deleted, and wait for a sync. */
  readonly changed?: (changes: readonly SourceChange[]) => void;
  readonly source?: (status: SourceStatus) => void;
  readonly removals?: (removals: DelayedRemovals) => void;
  readonly noticed?: (diagnostics: readonly Diagnostic[]) => void;
  readonly node?: (eligibility: NodeEligibility) => void;
  /** A sync of these families was requested. */
  readonly queued?: (families: readonly Family[]) => void;
  /** A sync of this family begins; {@link synced} or {@link failed} follows. */
  readonly started?: (family: Family) => void;
  readonly synced?: (report: SyncReport) => void;
  readonly failed?: (failure: SyncFailure) => void;
  readonly flows?: (report: FlowReport) => void;
  readonly drift?: (report: DriftReport) => void;
  readonly driftFailed?: (failure: DriftFailure) => void;
}

/** One observer that passes everything on to several, in their order. */
export function observers(all: readonly AgentObserver[]): Required<AgentObserver> {
  const each = (call: (one: AgentObserver) => void): void => {
    for (const one of all) call(one);
  };
  return {
    changed: (changes) => each((one) => one.changed?.(changes)),
    source: (status) => each((one) => one.source?.(status)),
    removals: (removals) => each((one) => one.removals?.(removals)),
    noticed: (diagnostics) => each((one) => one.noticed?.(diagnostics)),
    node: (eligibility) => each((one) => one.node?.(eligibility)),
    queued: (families) => each((one) => one.queued?.(families)),
    started: (family) => each((one) => one.started?.(family)),
    synced: (report) => each((one) => one.synced?.(report)),
    failed: (failure) => each((one) => one.failed?.(failure)),
    flows: (report) => each((one) => one.flows?.(report)),
    drift: (report) => each((one) => one.drift?.(report)),
    driftFailed: (failure) => each((one) => one.driftFailed?.(failure)),
  };
}

/** Where the objects of an agent come from: an API server, or a watched folder. */

import type { Diagnostic } from '../diagnostics.js';
import type { Family } from '../net/ip.js';
import type { Kind } from '../snapshot/shapes.js';
import type { NamespacedName, Snapshot } from '../snapshot/types.js';

/** The kinds that rules are made of. */
export type WatchedKind = Extract<Kind, 'Service' | 'EndpointSlice' | 'Node' | 'ServiceCIDR'>;

/** One object was added, changed or deleted. */
export interface SourceChange {
  readonly kind: WatchedKind;
  /** The Service that it is about, where it is about one. */
  readonly service?: NamespacedName;
  /** The only family whose rules it can change; absent: both. */
  readonly family?: Family;
  /**
   * When a Pod or Service changed so that an endpoints controller wrote this slice, in milliseconds
   * of the epoch (annotation `endpoints.kubernetes.io/last-change-trigger-time`); absent where the
   * annotation is missing or has not changed.
   */
  readonly triggered?: number;
}

/** Whether one kind of objects is followed. */
export interface SourceStatus {
  readonly kind: WatchedKind;
  /**
   * `listing`: never complete yet; `following`: up to date; `stale`: was complete, and is not
   * followed at present.
   */
  readonly state: 'listing' | 'following' | 'stale';
  /** Why it is not followed; `''` while it is. */
  readonly reason: string;
}

/** Removals that are delayed, because a source suddenly lacks most of its Services. */
export interface DelayedRemovals {
  /** `held`: the rules stay for now; `removed`: the time is over; `restored`: all are back. */
  readonly outcome: 'held' | 'removed' | 'restored';
  /** The Services that are missing, or were, sorted. */
  readonly services: readonly NamespacedName[];
  /** Milliseconds. */
  readonly gracePeriod: number;
}

/** Receives the events of a source. Called synchronously, and must not throw. */
export interface SourceListener {
  /**
   * Something changed; {@link ObjectSource.state} has it. Also called for each object of a first
   * list.
   */
  readonly changed: (changes: readonly SourceChange[]) => void;
  readonly status: (status: SourceStatus) => void;
  /** An object that is left out, a refused request, or anything else that a log should hold. */
  readonly noticed: (diagnostics: readonly Diagnostic[]) => void;
  readonly removals?: (removals: DelayedRemovals) => void;
}

/** Everything that is known. */
export interface SourceState {
  /** Shares with the one before all that did not change. */
  readonly snapshot: Snapshot;
  /** Services of which an object was not understood: they keep the rules that they have. */
  readonly incomplete: ReadonlySet<NamespacedName>;
}

/** Follows objects and holds all that are known. */
export interface ObjectSource {
  /**
   * Follows the objects until the signal, and retries after failures that may pass. Rejects for
   * those that do not: a path that is no folder, credentials that cannot be read.
   */
  readonly run: (listener: SourceListener, signal: AbortSignal) => Promise<void>;
  /**
   * What is known now; `undefined` until every kind was complete once. Asked once per sync: it may
   * do work.
   */
  readonly state: () => SourceState | undefined;
}

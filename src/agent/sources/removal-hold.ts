/**
 * Delays removals of a source of files that suddenly lacks most Services: a checkout that is being
 * replaced, or the wrong folder, looks like a folder that was emptied.
 */

import { type Clock, systemClock } from '../../host/clock.js';
import { shareSnapshot } from '../../snapshot/share.js';
import {
  EVERY_OTHER_SERVICE,
  type NamespacedName,
  type Service,
  type Snapshot,
} from '../../snapshot/types.js';
import type { ObjectSource, SourceListener, SourceState } from '../source.js';
import { changesBetween } from './state-changes.js';

export interface RemovalHoldOptions {
  /** Milliseconds; 0: removals are never delayed. */
  readonly gracePeriod: number;
  /** Services that the kernel has rules for before the source is read. */
  readonly loaded: ReadonlySet<NamespacedName>;
  readonly clock?: Clock | undefined;
}

/**
 * A source whose Services stay for the grace period where more than half of those that are loaded
 * disappear at once, with their slices, and with the Nodes and ServiceCIDRs that disappear
 * meanwhile. Changed and new objects count at once. Objects that come back before the end are never
 * removed.
 */
export function holdRemovals(source: ObjectSource, options: RemovalHoldOptions): ObjectSource {
  if (options.gracePeriod === 0) return source;
  const hold = new RemovalHold(source, options);
  return {
    run: (listener, signal) => hold.run(listener, signal),
    state: () => hold.state,
  };
}

class RemovalHold {
  readonly #source: ObjectSource;
  readonly #options: RemovalHoldOptions;
  readonly #clock: Clock;
  /** What is passed on. */
  #state: SourceState | undefined;
  /** Services that have rules. */
  #loaded: ReadonlySet<NamespacedName>;
  #held: ReadonlySet<NamespacedName> = new Set();
  /** Identifies the current grace period. */
  #period: symbol | undefined;
  /** The state that was passed on last, as the source has it. */
  #seen: SourceState | undefined;

  constructor(source: ObjectSource, options: RemovalHoldOptions) {
    this.#source = source;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#loaded = options.loaded;
  }

  get state(): SourceState | undefined {
    return this.#state;
  }

  run(listener: SourceListener, signal: AbortSignal): Promise<void> {
    return this.#source.run(
      {
        changed: () => this.#update(listener, signal),
        noticed: (diagnostics) => listener.noticed(diagnostics),
        status: (status) => {
          // A source without objects becomes complete without a change.
          this.#update(listener, signal);
          listener.status(status);
        },
      },
      signal,
    );
  }

  #update(listener: SourceListener, signal: AbortSignal): void {
    const next = this.#source.state();
    if (next === undefined || next === this.#seen) return;
    this.#seen = next;
    const removed = removedFrom(this.#loaded, next, this.#state?.snapshot);
    const isSudden = removed.size * 2 > this.#loaded.size;
    if (this.#period === undefined && isSudden) this.#startPeriod(listener, signal);
    const held = this.#period === undefined ? new Set<NamespacedName>() : removed;
    this.#pass(next, held, listener);
    if (held.size > 0) this.#report('held', held, listener);
    else if (this.#period !== undefined) {
      this.#report('restored', this.#held, listener);
      this.#period = undefined;
    }
    this.#held = held;
  }

  #startPeriod(listener: SourceListener, signal: AbortSignal): void {
    const period = Symbol('grace period');
    this.#period = period;
    void this.#clock.sleep(this.#options.gracePeriod, signal).then(() => {
      const next = this.#source.state();
      if (signal.aborted || this.#period !== period || next === undefined) return;
      const removed = this.#held;
      this.#period = undefined;
      this.#held = new Set();
      this.#pass(next, this.#held, listener);
      this.#report('removed', removed, listener);
    });
  }

  #pass(next: SourceState, held: ReadonlySet<NamespacedName>, listener: SourceListener): void {
    const before = this.#state;
    const merged = withHeld(before?.snapshot, next, held);
    // An object that was missing for a moment is new to the source, but its rules are unchanged.
    const snapshot =
      before === undefined ? merged.snapshot : shareSnapshot(before.snapshot, merged.snapshot);
    const state = { ...merged, snapshot };
    const kept = [...this.#loaded].filter((name) => isKept(state, name));
    this.#loaded = new Set([...state.snapshot.services.keys(), ...kept]);
    this.#state = state;
    const changes = changesBetween(before, state);
    if (changes.length > 0) listener.changed(changes);
  }

  #report(
    outcome: 'held' | 'removed' | 'restored',
    services: ReadonlySet<NamespacedName>,
    listener: SourceListener,
  ): void {
    const isSame =
      services.size === this.#held.size && [...services].every((name) => this.#held.has(name));
    if (outcome === 'held' && isSame) return;
    const { gracePeriod } = this.#options;
    listener.removals?.({ outcome, services: [...services].sort(), gracePeriod });
  }
}

/**
 * The Services of `loaded` whose rules this state would remove. One whose address another Service
 * has now was renamed, and holds nothing back.
 */
function removedFrom(
  loaded: ReadonlySet<NamespacedName>,
  next: SourceState,
  before: Snapshot | undefined,
): ReadonlySet<NamespacedName> {
  const { services } = next.snapshot;
  const taken = new Set([...services.values()].flatMap(addressesOf));
  const isRenamed = (name: NamespacedName): boolean => {
    const service = before?.services.get(name);
    return service !== undefined && addressesOf(service).some((address) => taken.has(address));
  };
  const missing = [...loaded].filter((name) => !services.has(name) && !isKept(next, name));
  return new Set(missing.filter((name) => !isRenamed(name)));
}

/** Whether a Service keeps its rules although the snapshot does not have it. */
function isKept({ snapshot, incomplete }: SourceState, name: NamespacedName): boolean {
  if (snapshot.services.has(name)) return false;
  return incomplete.has(name) || incomplete.has(EVERY_OTHER_SERVICE);
}

/**
 * The state with what is held back. Services that are in the kernel alone have no objects: their
 * rules are kept.
 */
function withHeld(
  before: Snapshot | undefined,
  next: SourceState,
  held: ReadonlySet<NamespacedName>,
): SourceState {
  if (held.size === 0) return next;
  const { snapshot } = next;
  const [services, slices] = [new Map(snapshot.services), new Map(snapshot.slices)];
  const incomplete = new Set(next.incomplete);
  for (const name of held) {
    const service = before?.services.get(name);
    const own = before?.slices.get(name);
    if (service === undefined) incomplete.add(name);
    else services.set(name, service);
    if (own !== undefined && !slices.has(name)) slices.set(name, own);
  }
  const nodes = new Map([...(before?.nodes ?? []), ...snapshot.nodes]);
  const cidrs = new Map(
    [...(before?.serviceCidrs ?? []), ...snapshot.serviceCidrs].map((cidr) => [
      cidr.metadata.name,
      cidr,
    ]),
  );
  const serviceCidrs = [...cidrs.values()];
  return { snapshot: { ...snapshot, services, slices, nodes, serviceCidrs }, incomplete };
}

function addressesOf({ spec }: Service): readonly string[] {
  const addresses = [spec.clusterIP ?? '', ...(spec.clusterIPs ?? [])];
  return addresses.filter((address) => address !== '' && address !== 'None');
}

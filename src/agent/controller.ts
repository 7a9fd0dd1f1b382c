/**
 * Passes changes of the source to the loops of the families they concern, and decides what the
 * loops sync to.
 */

import type { Diagnostic } from '../diagnostics.js';
import { systemClock } from '../host/clock.js';
import type { Family } from '../net/ip.js';
import type { Snapshot } from '../snapshot/types.js';
import type { FamilyLoop } from './family-loop.js';
import type { AgentObserver, NodeEligibility } from './observer.js';
import type {
  DelayedRemovals,
  ObjectSource,
  SourceChange,
  SourceListener,
  SourceState,
  SourceStatus,
} from './source.js';

export interface ControllerOptions {
  readonly families: readonly Family[];
  readonly source: ObjectSource;
  /** Used until the source is complete. */
  readonly first: SourceState | undefined;
  readonly nodeName: string;
  /** Milliseconds to wait for the Node once everything else is known; 0: none. */
  readonly nodeWait: number;
  readonly eligibility: (snapshot: Snapshot) => NodeEligibility;
  readonly observer: Required<AgentObserver>;
  readonly signal: AbortSignal;
}

/** Listens to the source and holds the state that the loops sync to. */
export class AgentController implements SourceListener {
  readonly #options: ControllerOptions;
  #loops: readonly FamilyLoop[] = [];
  #eligibility: NodeEligibility | undefined;
  #isComplete = false;
  #isWaitOver: boolean;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#isWaitOver = options.nodeWait === 0;
  }

  /**
   * Called once, before the source runs. The constructor does not take the loops, because these
   * read the controller's state.
   */
  start(loops: readonly FamilyLoop[]): void {
    this.#loops = loops;
    const { observer, families, first } = this.#options;
    observer.queued(families);
    if (first !== undefined) this.request();
  }

  /** Asks for a sync of these families. */
  request(
    families: readonly Family[] = this.#options.families,
    triggered: readonly number[] = [],
  ): void {
    for (const loop of this.#loops) if (families.includes(loop.family)) loop.request(triggered);
  }

  /** What the loops sync to; `undefined` as long as that is not known. */
  state(): SourceState | undefined {
    const { source, first, nodeName } = this.#options;
    const state = source.state();
    if (state === undefined) return first;
    return this.#isWaitOver || state.snapshot.nodes.has(nodeName) ? state : first;
  }

  changed(changes: readonly SourceChange[]): void {
    const { observer, families } = this.#options;
    observer.changed(changes);
    const isForAll = changes.some(({ family }) => family === undefined);
    const affected = families.filter(
      (one) => isForAll || changes.some(({ family }) => family === one),
    );
    observer.queued(affected);
    for (const one of affected) {
      const own = changes.filter(({ family }) => family === undefined || family === one);
      this.request(
        [one],
        own.flatMap(({ triggered }) => triggered ?? []),
      );
    }
    if (changes.some(({ kind }) => kind === 'Node')) this.#updateEligibility();
  }

  status(status: SourceStatus): void {
    this.#options.observer.source(status);
    if (this.#isComplete || this.#options.source.state() === undefined) return;
    this.#isComplete = true;
    this.#updateEligibility();
    this.#waitForNode();
    // An empty cluster reports no changes, and still needs the rules of every node.
    this.request();
  }

  noticed(diagnostics: readonly Diagnostic[]): void {
    this.#options.observer.noticed(diagnostics);
  }

  removals(removals: DelayedRemovals): void {
    this.#options.observer.removals(removals);
  }

  /** As kube-proxy does: after the wait, syncs go on without the addresses of the Node. */
  #waitForNode(): void {
    const { nodeWait, signal } = this.#options;
    if (this.#isWaitOver) return;
    const timer = systemClock.after(nodeWait, () => {
      this.#isWaitOver = true;
      this.request();
    });
    signal.addEventListener('abort', timer.cancel, { once: true });
  }

  #updateEligibility(): void {
    const state = this.#options.source.state();
    if (state === undefined) return;
    const now = this.#options.eligibility(state.snapshot);
    if (now === this.#eligibility) return;
    this.#eligibility = now;
    this.#options.observer.node(now);
  }
}

/** The only taint that kube-proxy reads: cordoned and NotReady nodes stay eligible. */
const TO_BE_DELETED = 'ToBeDeletedByClusterAutoscaler';

/**
 * Computes eligibility from each snapshot in turn. `isNodeExpected`: whether a Node that was never
 * there counts as missing; a machine that is no node of the cluster is fit without one. A Node that
 * was there once is missing from then on when it is not.
 */
export function eligibilityOf(
  nodeName: string,
  isNodeExpected: boolean,
): (snapshot: Snapshot) => NodeEligibility {
  let isExpected = isNodeExpected;
  return ({ nodes }) => {
    const node = nodes.get(nodeName);
    if (node === undefined) return isExpected ? 'missing' : 'eligible';
    isExpected = true;
    if ((node.metadata.deletionTimestamp ?? '') !== '') return 'deleting';
    const isTainted = node.spec?.taints?.some(({ key }) => key === TO_BE_DELETED) ?? false;
    return isTainted ? 'tainted' : 'eligible';
  };
}

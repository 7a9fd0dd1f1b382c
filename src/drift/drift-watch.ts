/**
 * Checks whether the kernel still holds what was loaded in one family, and reports the differences.
 */

import type { Applier, Loaded } from '../apply/applier.js';
import type { Backend } from '../backends/backend.js';
import type { CheckTarget, KernelChecker, SomeChanges } from '../backends/check/checker.js';
import { systemClock } from '../host/clock.js';
import type { Host } from '../host/host.js';
import type { Family } from '../net/ip.js';
import { allChanges } from '../plan/plan.js';
import type { ChainChange } from '../plan/types.js';
import { fragmentsOf } from '../ruleset/types.js';
import { areWithin, FindingList, OwnChanges } from './findings.js';
import { type DriftCheck, type DriftDepth, type DriftReport, depthOf } from './types.js';

export interface DriftWatchOptions {
  readonly host: Host;
  readonly family: Family;
  readonly backend: Pick<Backend, 'checker' | 'planUpdate'>;
  readonly applier: Pick<Applier, 'inspect' | 'loaded'>;
  /** Whether findings will be repaired; only passed on in reports. */
  readonly repair: boolean;
  /** A {@link ChangeDetector.mark}; without it the kernel is read in every check. */
  readonly mark?: (() => Promise<string | undefined>) | undefined;
}

/** Rules that were found in the kernel, and its state then. */
interface Verified {
  readonly loaded: Loaded;
  readonly mark: string;
}

/**
 * Compares the kernel with {@link Applier.loaded}. Every check returns `undefined` where nothing is
 * loaded, also after a failed load: then a sync from the kernel is due anyway. It rejects with the
 * error of reading (ToolError, TimeoutError, ParseError, LockError, …) where the kernel cannot be
 * read. Changes that the applier loads meanwhile are no findings. To repair, make the applier
 * forget, and sync.
 */
export class DriftWatch {
  readonly #options: DriftWatchOptions;
  readonly #checker: KernelChecker;
  readonly #verified = new Map<DriftDepth, Verified>();

  constructor(options: DriftWatchOptions) {
    this.#options = options;
    this.#checker = options.backend.checker();
  }

  /**
   * Everything that all Services share: tables, jumps, shared chains, or maps and their elements;
   * not the rules of one Service.
   */
  quick(
    signal?: AbortSignal,
    check: 'quick' | 'watch' = 'quick',
  ): Promise<DriftReport | undefined> {
    return this.#unlessVerified(check, (start) =>
      this.#cheap(check, start, signal, (target) => this.#shared(target)),
    );
  }

  /**
   * Some chains of Services, the next ones with every call; `undefined` also where this mode or
   * variant cannot list single chains.
   */
  chains(signal?: AbortSignal): Promise<DriftReport | undefined> {
    return this.#unlessVerified('chains', (start) =>
      this.#cheap('chains', start, signal, (target) => this.#checker.checkNextChains(target)),
    );
  }

  /**
   * Every rule. Takes seconds with thousands of Services, and changes are loaded meanwhile; what
   * they touch is left to the next check.
   */
  full(signal?: AbortSignal): Promise<DriftReport | undefined> {
    return this.#unlessVerified('full', async (start) => {
      const before = this.#options.applier.loaded;
      if (before === undefined) return undefined;
      const own = new OwnChanges();
      await this.#checker.checkAll(this.#target(before, signal), (change) => own.add(change));
      const quick = await this.#exactly(signal, (target) => this.#shared(target));
      const after = this.#options.applier.loaded;
      if (quick === undefined || after === undefined) return undefined;
      const list = new FindingList(this.#options.family);
      for (const change of quick.changes) list.addChange(change);
      own.giveTo(list, new Set(fragmentsOf(after.ruleset)));
      return { report: this.#report('full', start, list), isAll: true };
    });
  }

  /**
   * Makes a check, unless the same one found these rules in the kernel and the kernel has not
   * changed since.
   */
  async #unlessVerified(
    check: DriftCheck,
    look: (start: number) => Promise<Looked | undefined>,
  ): Promise<DriftReport | undefined> {
    const start = systemClock.now();
    const depth = depthOf(check);
    const { loaded } = this.#options.applier;
    // Taken first: a change while the kernel is read makes the next mark another one.
    const mark = await this.#mark(loaded);
    const known = this.#verified.get(depth);
    if (mark !== undefined && known?.loaded === loaded && known?.mark === mark)
      return this.#report(check, start, new FindingList(this.#options.family));
    const looked = await look(start);
    const isClean = looked?.isAll === true && looked.report.count === 0;
    if (isClean && mark !== undefined && loaded !== undefined && this.#isLoaded(loaded))
      this.#verified.set(depth, { loaded, mark });
    return looked?.report;
  }

  /** No program reports changes of iptables-legacy. */
  async #mark(loaded: Loaded | undefined): Promise<string | undefined> {
    if (loaded === undefined || loaded.tools.variant === 'legacy') return undefined;
    return this.#options.mark?.();
  }

  #isLoaded(loaded: Loaded): boolean {
    return this.#options.applier.loaded === loaded;
  }

  async #cheap(
    check: DriftCheck,
    start: number,
    signal: AbortSignal | undefined,
    look: (target: CheckTarget) => Promise<SomeChanges | undefined>,
  ): Promise<Looked | undefined> {
    const seen = await this.#exactly(signal, look);
    if (seen === undefined) return undefined;
    const list = new FindingList(this.#options.family);
    for (const change of seen.changes) list.addChange(change);
    return { report: this.#report(check, start, list), isAll: seen.isAll };
  }

  async #shared(target: CheckTarget): Promise<SomeChanges> {
    return { changes: await this.#checker.checkShared(target), isAll: true };
  }

  /**
   * Checks while others load. If a load came in between, what differs may be what it changed, which
   * is left to the next check; if anything else differs, the check is repeated under the applier's
   * mutex. With 10,000 Services reading takes seconds, for which no load should wait.
   */
  async #exactly(
    signal: AbortSignal | undefined,
    look: (target: CheckTarget) => Promise<SomeChanges | undefined>,
  ): Promise<SomeChanges | undefined> {
    const { applier } = this.#options;
    const before = applier.loaded;
    if (before === undefined) return undefined;
    const seen = await look(this.#target(before, signal)).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    // Each load sets another value, also one that changes nothing.
    if (applier.loaded === before) {
      if ('error' in seen) throw seen.error;
      return seen.value;
    }
    if ('value' in seen) {
      if (seen.value === undefined) return undefined;
      const { changes } = seen.value;
      if (this.#areOwn(changes, before, applier.loaded)) return { changes: [], isAll: false };
    }
    return applier.inspect(async (loaded) =>
      loaded === undefined ? undefined : look(this.#target(loaded, signal)),
    );
  }

  /** Whether loads changed everything in the kernel that differs from what was loaded before. */
  #areOwn(changes: readonly ChainChange[], before: Loaded, after: Loaded | undefined): boolean {
    const { backend } = this.#options;
    const plan = after && backend.planUpdate(before.ruleset, after.ruleset);
    return plan !== undefined && areWithin(changes, allChanges(plan));
  }

  #target({ tools, ruleset }: Loaded, signal: AbortSignal | undefined): CheckTarget {
    const { host, family } = this.#options;
    return { host, family, tools, ruleset, signal };
  }

  #report(check: DriftCheck, start: number, list: FindingList): DriftReport {
    const { family, repair } = this.#options;
    const { findings, count } = list.result();
    const seconds = (systemClock.now() - start) / 1000;
    return { family, check, seconds, findings, count, repair: repair && count > 0 };
  }
}

/** The result of a check that has read the kernel. */
interface Looked {
  readonly report: DriftReport;
  /** Whether it was about everything that checks of its depth are about. */
  readonly isAll: boolean;
}

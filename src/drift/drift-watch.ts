/**
 * Checks whether the kernel still holds what was loaded in one family, and reports the differences.
 */

import type { Applier, Loaded } from '../apply/applier.js';
import type { Backend } from '../backends/backend.js';
import type { KernelChecker, OwnChange, Target } from '../backends/check/checker.js';
import type { Host } from '../host/host.js';
import type { Family } from '../net/ip.js';
import type { ChainChange, RuleChange } from '../plan/types.js';
import { unitLabel } from '../plan/unit.js';
import { type Fragment, fragmentsOf } from '../ruleset/types.js';
import type { DriftCheck, DriftFinding, DriftReport } from './types.js';

export interface DriftWatchOptions {
  readonly host: Host;
  readonly family: Family;
  readonly backend: Pick<Backend, 'checker'>;
  readonly applier: Pick<Applier, 'inspect' | 'loaded'>;
  /** Whether findings will be repaired; only passed on in reports. */
  readonly repair: boolean;
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
    return this.#cheap(check, signal, (target) => this.#checker.checkShared(target));
  }

  /**
   * Some chains of Services, the next ones with every call; `undefined` also where this mode or
   * variant cannot list single chains.
   */
  chains(signal?: AbortSignal): Promise<DriftReport | undefined> {
    return this.#cheap('chains', signal, (target) => this.#checker.checkNextChains(target));
  }

  /**
   * Every rule. Takes seconds with thousands of Services, and changes are loaded meanwhile; what
   * they touch is left to the next check.
   */
  async full(signal?: AbortSignal): Promise<DriftReport | undefined> {
    const start = performance.now();
    const before = this.#options.applier.loaded;
    if (before === undefined) return undefined;
    const own = new OwnChanges();
    await this.#checker.checkAll(this.#target(before, signal), (change) => own.add(change));
    const quick = await this.#exactly(signal, (target) => this.#checker.checkShared(target));
    const after = this.#options.applier.loaded;
    if (quick === undefined || after === undefined) return undefined;
    const list = new FindingList(this.#options.family);
    for (const change of quick) list.addChange(change);
    own.giveTo(list, new Set(fragmentsOf(after.ruleset)));
    return this.#report('full', start, list);
  }

  async #cheap(
    check: DriftCheck,
    signal: AbortSignal | undefined,
    look: (target: Target) => Promise<readonly ChainChange[] | undefined>,
  ): Promise<DriftReport | undefined> {
    const start = performance.now();
    const changes = await this.#exactly(signal, look);
    if (changes === undefined) return undefined;
    const list = new FindingList(this.#options.family);
    for (const change of changes) list.addChange(change);
    return this.#report(check, start, list);
  }

  /**
   * Checks while nothing is being loaded: first optimistically, and if a load came in between,
   * again under the applier's mutex.
   */
  async #exactly<T>(
    signal: AbortSignal | undefined,
    look: (target: Target) => Promise<T>,
  ): Promise<T | undefined> {
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
    return applier.inspect(async (loaded) =>
      loaded === undefined ? undefined : look(this.#target(loaded, signal)),
    );
  }

  #target({ tools, ruleset }: Loaded, signal: AbortSignal | undefined): Target {
    const { host, family } = this.#options;
    return { host, family, tools, ruleset, signal };
  }

  #report(check: DriftCheck, start: number, list: FindingList): DriftReport {
    const { family, repair } = this.#options;
    const { findings, count } = list.result();
    const seconds = (performance.now() - start) / 1000;
    return { family, check, seconds, findings, count, repair: repair && count > 0 };
  }
}

/** Changes beyond this number are only counted: everything was deleted. */
const MOST_KEPT = 256;

/**
 * Findings of a full check in chains of Services, kept until it is known which of these chains the
 * applier changed meanwhile.
 */
class OwnChanges {
  readonly #kept: OwnChange[] = [];
  /** Findings beyond those that are kept. */
  readonly #more = new Map<Fragment, number>();

  add(own: OwnChange): void {
    if (this.#kept.length < MOST_KEPT) this.#kept.push(own);
    else {
      const count = FindingList.countOf(own.change);
      this.#more.set(own.fragment, (this.#more.get(own.fragment) ?? 0) + count);
    }
  }

  /** Adds the findings of fragments that are still loaded as the identical value. */
  giveTo(list: FindingList, now: ReadonlySet<Fragment>): void {
    for (const { fragment, change } of this.#kept) if (now.has(fragment)) list.addChange(change);
    for (const [fragment, count] of this.#more) if (now.has(fragment)) list.addCount(count);
  }
}

/** Findings as reports carry them. */
export interface Findings {
  readonly findings: readonly DriftFinding[];
  readonly count: number;
}

/** Findings beyond this number are only counted: a table was emptied. */
const MOST_FINDINGS = 48;

/** Collects findings, of which it keeps the first ones and counts the rest. */
export class FindingList {
  readonly #family: Family;
  readonly #findings: DriftFinding[] = [];
  #count = 0;

  constructor(family: Family) {
    this.#family = family;
  }

  /** Adds the findings of a change. */
  addChange(change: ChainChange): void {
    const { action, kind, origin } = change;
    const table = tableOf(change);
    const chain = nameOf(change);
    if (kind === 'table' && action === 'create') this.add({ kind: 'table', table, chain, origin });
    else if (action === 'create' || action === 'delete')
      this.add({
        kind: 'chain',
        table,
        chain,
        origin,
        line: action === 'delete' ? `+ ${firstLine(change)}` : '',
      });
    else for (const rule of change.rules) this.#addRule(change, rule);
  }

  /** How many findings a change is. */
  static countOf({ action, rules }: ChainChange): number {
    return action === 'create' || action === 'delete' ? 1 : rules.length;
  }

  /** Adds findings that are only counted. */
  addCount(count: number): void {
    this.#count += count;
  }

  /** Adds one finding. */
  add(finding: Omit<DriftFinding, 'family' | 'line'> & { readonly line?: string }): void {
    this.#count++;
    if (this.#findings.length < MOST_FINDINGS)
      this.#findings.push({ line: '', ...finding, family: this.#family });
  }

  result(): Findings {
    return { findings: this.#findings, count: this.#count };
  }

  #addRule(change: ChainChange, { op, line, origin }: RuleChange): void {
    this.add({
      kind: line.startsWith('add element ') ? 'element' : 'rule',
      table: tableOf(change),
      chain: nameOf(change),
      origin,
      line: `${op === 'add' ? '-' : '+'} ${line}`,
    });
  }
}

/** `kube-proxy` of `ip kube-proxy`. */
function tableOf({ table }: ChainChange): string {
  return table.slice(table.indexOf(' ') + 1);
}

/** Chains, sets and maps by their names alone. */
function nameOf(change: ChainChange): string {
  return change.kind === 'set' ? change.name : unitLabel(change);
}

function firstLine({ rules: [first], name }: ChainChange): string {
  return first?.line ?? name;
}

/** Loads Rulesets of one family one after the other, and remembers what it has loaded. */

import { type HeldFragments, keepServices } from '../backends/kept.js';
import type { ReadOptions, Tools } from '../backends/kernel.js';
import type { LoadInput } from '../backends/transaction.js';
import type { Diagnostic } from '../diagnostics.js';
import type { Frontend } from '../flows/frontends.js';
import type { NamespacedName } from '../model/types.js';
import type { Family } from '../net/ip.js';
import type { FamilyPlan } from '../plan/types.js';
import type { Fragment, Ruleset } from '../ruleset/types.js';
import { type LockOptions, withLocks } from './lock.js';
import { type Mutex, mutex } from './mutex.js';
import {
  loadWithQuarantine,
  type QuarantineTarget,
  type Refusal,
  refusalDiagnostics,
} from './quarantine.js';
import { verifyRuleset } from './verify.js';

export interface ApplierOptions extends QuarantineTarget {
  readonly family: Family;
  readonly lock: LockOptions;
  /** Asked each time that the kernel is read. */
  readonly read?: () => ReadOptions;
  /**
   * Shared by appliers of which one at a time may start from the kernel: each holds a dump of it in
   * memory.
   */
  readonly kernelMutex?: Mutex | undefined;
  /** Whether every load that started from reading the kernel is read back. */
  readonly verify: boolean;
}

/** What one call did. */
export interface ApplyResult {
  readonly family: Family;
  /** What was different, and is not any more. */
  readonly plan: FamilyPlan;
  /** Inputs that were loaded; empty where nothing differed. */
  readonly sent: readonly LoadInput[];
  /** Service ports that keep the rules that they had. */
  readonly refused: readonly Refusal[];
  readonly diagnostics: readonly Diagnostic[];
  /** `memory`: planned from what was loaded before, without reading the kernel. */
  readonly from: 'kernel' | 'memory';
  /** UDP and SCTP frontends of the rules that were found; absent if the kernel was not read. */
  readonly frontends?: readonly Frontend[];
}

const NONE: ReadonlySet<NamespacedName> = new Set();

/** What was loaded last, and with what. */
export interface Loaded {
  readonly tools: Tools;
  /** What the kernel holds, without what it refused. */
  readonly ruleset: Ruleset;
}

/**
 * The long-lived applier. The first change is planned from the kernel, the next ones from what was
 * loaded, so that a change costs what the change costs; any failure makes it read again. What the
 * kernel refused is not tried again as long as it is the same, until {@link forget}.
 */
export class Applier {
  readonly #options: ApplierOptions;
  #loaded: Loaded | undefined;
  #refused: ReadonlyMap<string, { readonly text: string; readonly refusal: Refusal }> = new Map();
  readonly #mutex = mutex();

  constructor(options: ApplierOptions) {
    this.#options = options;
  }

  /**
   * Brings the kernel to the Ruleset, but for the Services of `keep`, which have what they had.
   * Calls wait for each other; each throws what `vipc apply` throws.
   */
  apply(ruleset: Ruleset, keep: ReadonlySet<NamespacedName> = NONE): Promise<ApplyResult> {
    const { host, family, lock } = this.#options;
    return this.#mutex(() => withLocks(host, [family], lock, () => this.#change(ruleset, keep)));
  }

  /** Makes the next change start from the kernel, and try again what was refused. */
  forget(): void {
    this.#loaded = undefined;
    this.#refused = new Map();
  }

  /** What the kernel should hold; `undefined` before the first load and after a failure. */
  get loaded(): Loaded | undefined {
    return this.#loaded;
  }

  /** Runs `look` while nothing is being loaded. */
  inspect<T>(look: (loaded: Loaded | undefined) => Promise<T>): Promise<T> {
    return this.#mutex(() => look(this.#loaded));
  }

  async #change(ruleset: Ruleset, keep: ReadonlySet<NamespacedName>): Promise<ApplyResult> {
    const loaded = this.#loaded;
    // Whatever goes wrong from here on, what was loaded before is no longer what is there.
    this.#loaded = undefined;
    const quick =
      loaded === undefined
        ? undefined
        : await this.#fromMemory(loaded, keepServices(ruleset, keep, heldIn(loaded.ruleset)));
    if (quick !== undefined) return quick;
    const { kernelMutex = (work) => work() } = this.#options;
    return kernelMutex(() => this.#fromKernel(ruleset, keep));
  }

  async #fromMemory(loaded: Loaded, ruleset: Ruleset): Promise<ApplyResult | undefined> {
    const { backend, host } = this.#options;
    const wanted = this.#withoutRefused(ruleset, loaded.ruleset);
    const plan = backend.planUpdate(loaded.ruleset, wanted);
    if (plan === undefined) return undefined;
    const { tools } = loaded;
    const input = backend.input(plan, tools);
    const fault =
      input.length === 0 ? undefined : await backend.kernel.load(host, tools, input, this.#options);
    if (fault !== undefined) return undefined;
    this.#loaded = { tools, ruleset: wanted };
    return this.#result(plan, input.length === 0 ? [] : [input], [], 'memory');
  }

  async #fromKernel(wanted: Ruleset, keep: ReadonlySet<NamespacedName>): Promise<ApplyResult> {
    const { host, backend, family, read, verify } = this.#options;
    const kernel = await backend.kernel.read(host, family, read?.() ?? {});
    const ruleset = kernel.rules.keepServices(wanted, keep);
    const { applied, refused, plan, sent } = await loadWithQuarantine(
      this.#options,
      kernel,
      ruleset,
    );
    if (verify && sent.length > 0) await verifyRuleset(this.#options, kernel, applied);
    const texts = new Map(ruleset.ports.map(({ origin, text }) => [origin, text]));
    this.#refused = new Map(
      refused.map((refusal) => [
        refusal.origin,
        { text: texts.get(refusal.origin) ?? '', refusal },
      ]),
    );
    this.#loaded = { tools: kernel.tools, ruleset: applied };
    return {
      ...this.#result(plan, sent, kernel.diagnostics, 'kernel'),
      frontends: kernel.rules.frontends(family),
    };
  }

  #result(
    plan: FamilyPlan,
    sent: readonly LoadInput[],
    diagnostics: readonly Diagnostic[],
    from: ApplyResult['from'],
  ): ApplyResult {
    const refused = [...this.#refused.values()].map(({ refusal }) => refusal);
    return {
      family: this.#options.family,
      plan,
      sent,
      refused,
      diagnostics: [...diagnostics, ...refusalDiagnostics(refused)],
      from,
    };
  }

  /**
   * What was refused and is still the same keeps what it has; what changed since gets another
   * chance.
   */
  #withoutRefused(ruleset: Ruleset, loaded: Ruleset): Ruleset {
    // Nearly always nothing is: a map of all Services for nothing would be most of what a change
    // costs here.
    if (this.#refused.size === 0) return ruleset;
    const origins = new Map(ruleset.ports.map(({ origin, text }) => [origin, text]));
    this.#refused = new Map(
      [...this.#refused].filter(([origin, { text }]) => origins.get(origin) === text),
    );
    if (this.#refused.size === 0) return ruleset;
    const kept = new Map(loaded.ports.map((fragment) => [fragment.origin, fragment]));
    const ports = ruleset.ports.flatMap((fragment): readonly Fragment[] => {
      if (!this.#refused.has(fragment.origin)) return [fragment];
      const before = kept.get(fragment.origin);
      return before === undefined ? [] : [before];
    });
    return { ...ruleset, ports };
  }
}

/** What was loaded, as the kernel's own rules are asked for. */
function heldIn(loaded: Ruleset): HeldFragments {
  return (isMeant) =>
    new Map(
      loaded.ports
        .filter(({ origin }) => isMeant(origin))
        .map((fragment) => [fragment.origin, fragment]),
    );
}

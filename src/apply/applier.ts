/** Loads Rulesets of one family one after the other, and remembers what it has loaded. */

import type { Compilation } from '../backends/backend.js';
import { type BesideKept, compileBeside, loadedRules } from '../backends/kept.js';
import type { KernelReadOptions } from '../backends/kernel.js';
import type { Tools } from '../backends/tools.js';
import type { LoadInput } from '../backends/transaction.js';
import type { ProxyConfig } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import type { Frontend } from '../flows/frontends.js';
import { turn } from '../host/turn.js';
import type { NamespacedName } from '../model/types.js';
import type { Family } from '../net/ip.js';
import type { FamilyPlan } from '../plan/types.js';
import type { Fragment, Ruleset } from '../ruleset/types.js';
import { handBackNote } from './hand-back.js';
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
  readonly read?: () => KernelReadOptions;
  /**
   * Shared by appliers of which one at a time may start from the kernel: each holds a dump of it in
   * memory.
   */
  readonly kernelMutex?: Mutex | undefined;
  /**
   * The kube-proxy that the rules are those of: what older rules become unfit for is said then.
   */
  readonly profile?: ProxyConfig['profile'] | undefined;
  /** Whether every load that started from reading the kernel is read back. */
  readonly verify: boolean;
}

/** What one call did. */
export interface ApplyResult {
  readonly family: Family;
  /** What was to be loaded. Addresses of Services that keep their rules are in use. */
  readonly wanted: Compilation;
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

/** What one call asks for. */
interface Change {
  readonly compiled: Compilation;
  readonly keep: ReadonlySet<NamespacedName>;
  readonly verify: boolean;
}

/** A change that was planned from memory. */
interface Update extends BesideKept {
  readonly plan: FamilyPlan;
  /** Empty where nothing differs. */
  readonly input: LoadInput;
  /** What the kernel holds afterwards. */
  readonly next: Loaded;
  /** How often the applier had forgotten when this was planned. */
  readonly since: number;
}

const KEPT_HINT =
  'its rules are kept because an object of it was left out or its removal is delayed: correct or delete that Service, or change one of the two';

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
  /** Counts the calls of {@link forget}. */
  #forgotten = 0;

  constructor(options: ApplierOptions) {
    this.#options = options;
  }

  /**
   * Brings the kernel to what was compiled, but for the Services of `keep`, which have what they
   * had. Calls wait for each other; each throws what `vipc apply` throws. `verify` as in
   * {@link ApplierOptions}.
   */
  apply(
    compiled: Compilation,
    keep: ReadonlySet<NamespacedName> = NONE,
    verify: boolean = this.#options.verify,
  ): Promise<ApplyResult> {
    return this.#mutex(() => this.#change({ compiled, keep, verify }));
  }

  /** Makes the next change start from the kernel, and try again what was refused. */
  forget(): void {
    this.#forgotten++;
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

  async #change(change: Change): Promise<ApplyResult> {
    const { host, family, lock, kernelMutex = (work) => work() } = this.#options;
    const loaded = this.#loaded;
    const update = loaded === undefined ? undefined : this.#planUpdate(loaded, change);
    // Nothing is written, so nothing has to wait.
    if (update?.input.length === 0) return this.#updated(update);
    return withLocks(host, [family], lock, async () => {
      // Whatever goes wrong from here on, what was loaded before is no longer what is there.
      this.#loaded = undefined;
      // Memory may have been given up while the lock was waited for.
      const isUsable = update?.since === this.#forgotten;
      if (isUsable && (await this.#load(update))) return this.#updated(update);
      return kernelMutex(() => this.#fromKernel(change));
    });
  }

  /** The change as memory has it; `undefined` where the kernel must be read first. */
  #planUpdate(loaded: Loaded, { compiled, keep }: Change): Update | undefined {
    const { backend } = this.#options;
    const held = loadedRules(backend, loaded.ruleset);
    const beside = compileBeside(held, keep, compiled, KEPT_HINT);
    const { tools, ruleset } = loaded;
    const next = this.#withoutRefused(beside.wanted.ruleset, ruleset);
    const plan = backend.planUpdate(ruleset, next);
    if (plan === undefined) return undefined;
    const input = backend.input(plan, tools);
    return { ...beside, plan, input, next: { tools, ruleset: next }, since: this.#forgotten };
  }

  /** Whether the kernel accepted it. */
  async #load({ input, next }: Update): Promise<boolean> {
    const { backend, host } = this.#options;
    const options = { ...this.#options, again: true };
    return (await backend.kernel.load(host, next.tools, input, options)) === undefined;
  }

  #updated({ wanted, diagnostics, plan, input, next, since }: Update): ApplyResult {
    this.#remember(next, since);
    const sent = input.length === 0 ? [] : [input];
    return this.#result({ wanted, plan, sent, diagnostics, from: 'memory' });
  }

  async #fromKernel({ compiled, keep, verify }: Change): Promise<ApplyResult> {
    const { host, backend, family, read, profile } = this.#options;
    const since = this.#forgotten;
    const kernel = await backend.kernel.read(host, family, read?.() ?? {});
    const { wanted, diagnostics } = compileBeside(kernel.rules, keep, compiled, KEPT_HINT);
    const { ruleset, model } = wanted;
    const handBack =
      profile === undefined ? [] : handBackNote([{ rules: kernel.rules, model }], profile);
    const { applied, refused, plan, sent } = await loadWithQuarantine(
      this.#options,
      kernel,
      ruleset,
    );
    if (verify && sent.length > 0) await verifyRuleset(this.#options, kernel, applied);
    await turn();
    const texts = new Map(ruleset.ports.map(({ origin, text }) => [origin, text]));
    this.#refused = new Map(
      refused.map((refusal) => [
        refusal.origin,
        { text: texts.get(refusal.origin) ?? '', refusal },
      ]),
    );
    this.#remember({ tools: kernel.tools, ruleset: applied }, since);
    return {
      ...this.#result({
        ...{ wanted, plan, sent, from: 'kernel' },
        diagnostics: [...kernel.diagnostics, ...handBack, ...diagnostics],
      }),
      frontends: kernel.rules.frontends(family),
    };
  }

  /** What was forgotten during the change stays forgotten: it may be out of date. */
  #remember(loaded: Loaded, since: number): void {
    if (since === this.#forgotten) this.#loaded = loaded;
  }

  #result(
    change: Pick<ApplyResult, 'wanted' | 'plan' | 'sent' | 'diagnostics' | 'from'>,
  ): ApplyResult {
    const refused = [...this.#refused.values()].map(({ refusal }) => refusal);
    const diagnostics = [...change.diagnostics, ...refusalDiagnostics(refused)];
    return { family: this.#options.family, ...change, refused, diagnostics };
  }

  /**
   * What was refused and is still the same keeps what it has; what changed since is tried again.
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
    const { withSharedChains } = this.#options.backend;
    return withSharedChains(ruleset, { ...ruleset, ports }, () => loaded.shared);
  }
}

/**
 * Brings one family of this machine to a state, from its objects to the rules, the settings and the
 * tracked flows.
 */

import type { Applier } from '../apply/applier.js';
import { deleteFlows, findStaleFlows } from '../apply/conntrack.js';
import { runStages } from '../apply/stages.js';
import type { Layout } from '../backends/layout.js';
import type { HostFacts, ProxyConfig } from '../config/types.js';
import { type Diagnostic, servicesInError } from '../diagnostics.js';
import { type Frontend, frontendsOfModel } from '../flows/frontends.js';
import { systemClock } from '../host/clock.js';
import type { Host } from '../host/host.js';
import { turn } from '../host/turn.js';
import type { Model } from '../model/types.js';
import { type Family, interfaceAddresses } from '../net/ip.js';
import type { Compiled } from '../pipeline.js';
import type { BackendName } from '../ruleset/types.js';
import type { MachineSettings } from './machine.js';
import type { FlowReport, SyncReport } from './observer.js';
import type { SourceState } from './source.js';
import { compileStepwise } from './stepwise-compile.js';

export interface FamilySyncOptions {
  readonly host: Host;
  readonly family: Family;
  readonly mode: BackendName;
  readonly config: ProxyConfig;
  readonly nodeName: string;
  /** `''`: taken from the Node, if it has one. */
  readonly zone: string;
  readonly layout?: Layout;
  readonly applier: Applier;
  /** Whether a load that started from the kernel is read back, which the applier does. */
  readonly verify: boolean;
  /**
   * Whether that of the first one is left to a {@link FamilyDrift.checkLoad}, which follows its
   * report: the node is ready as soon as its rules are there.
   */
  readonly checksFirstLoad?: boolean | undefined;
  readonly settings: MachineSettings;
  readonly signal: AbortSignal;
}

/** The result of one sync, without the fields that the loop adds. */
export type FamilySynced = Omit<SyncReport, 'triggered'>;

/**
 * One family of one machine. Compiles from what it compiled before, and has the applier load the
 * difference.
 */
export class FamilySync {
  readonly #options: FamilySyncOptions;
  #compiled: Compiled | undefined;
  #isFirst = true;
  /**
   * The model that tracked flows were last compared with; `undefined`: they must be compared again.
   */
  #reconciled: Model | undefined;

  constructor(options: FamilySyncOptions) {
    this.#options = options;
  }

  get family(): Family {
    return this.#options.family;
  }

  get applier(): Applier {
    return this.#options.applier;
  }

  /** Whether the next sync starts from the kernel. */
  get isFull(): boolean {
    return this.#options.applier.loaded === undefined;
  }

  /** Makes the next sync start from the kernel, settings and flows included. */
  forget(): void {
    this.#options.applier.forget();
    this.#reconciled = undefined;
  }

  /**
   * Loads the rules for a state. Throws what `vipc apply` throws; the kernel is then as it was, or
   * as it should be.
   */
  async sync(state: SourceState, facts: HostFacts): Promise<FamilySynced> {
    const { family, applier, settings, checksFirstLoad = false } = this.#options;
    const verify = this.#options.verify && !(this.#isFirst && checksFirstLoad);
    const started = systemClock.now();
    const before = this.#compiled;
    const compiled = await compileStepwise(
      state.snapshot,
      family,
      { ...this.#options, host: facts, servesLoopback: true },
      before,
    );
    this.#compiled = compiled;
    const { model, ruleset } = compiled;
    const areSet = !this.isFull && before?.model.context === model.context;
    const keep = new Set([...state.incomplete, ...servicesInError(compiled.diagnostics)]);
    // The applier verifies by itself, and flows follow once the sync is reported: they may take
    // seconds.
    const { loaded, diagnostics } = await runStages({
      settings: async (when) => (areSet ? [] : settings.set(when, ruleset, model.context)),
      load: () => applier.apply(compiled, keep, verify),
    });
    this.#isFirst = false;
    const { wanted, ...result } = loaded;
    // What observers do with a whole cluster takes its time too.
    if (result.from === 'kernel') await turn();
    return {
      family,
      kind: result.from === 'memory' ? 'partial' : 'full',
      seconds: (systemClock.now() - started) / 1000,
      snapshot: state.snapshot,
      incomplete: state.incomplete,
      model: wanted.model,
      ruleset: wanted.ruleset,
      result,
      verified: verify && result.from === 'kernel',
      diagnostics: [...compiled.diagnostics, ...result.diagnostics, ...diagnostics],
    };
  }

  /**
   * Deletes the tracked flows that the rules of a sync made stale. Lists flows only where a UDP or
   * SCTP Service changed; `undefined` where none did.
   */
  async reconcileFlows(
    { model, result, diagnostics: faults }: FamilySynced,
    { incomplete }: SourceState,
  ): Promise<FlowReport | undefined> {
    const { host, family, signal } = this.#options;
    const before = this.#reconciled;
    const isSame = before !== undefined && result.from === 'memory' && sameFlows(before, model);
    this.#reconciled = model;
    if (isSame) return undefined;
    const started = systemClock.now();
    const options = {
      localAddresses: interfaceAddresses(host.interfaces()),
      previous: previousFrontends(before, result),
      leave: new Set([...incomplete, ...servicesInError(faults)]),
    };
    const found = await findStaleFlows(host, [model], options, signal);
    const { deleted, diagnostics } = await deleteFlows(host, found.stale, signal);
    return {
      family,
      seconds: (systemClock.now() - started) / 1000,
      deleted,
      diagnostics: unique([...found.diagnostics, ...diagnostics]),
    };
  }
}

/** Whether everything that decides about flows is the identical value. */
function sameFlows(a: Model, b: Model): boolean {
  if (a === b) return true;
  const [before, after] = [a, b].map(({ ports }) =>
    ports.filter(({ protocol }) => protocol !== 'TCP'),
  );
  return before?.length === after?.length && (before ?? []).every((port, i) => port === after?.[i]);
}

function previousFrontends(
  before: Model | undefined,
  { frontends = [] }: SyncReport['result'],
): readonly Frontend[] {
  return [...(before === undefined ? [] : frontendsOfModel(before)), ...frontends];
}

/** Finding and deleting fail for one reason. */
function unique(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter(
    ({ code }, i) => diagnostics.findIndex((other) => other.code === code) === i,
  );
}

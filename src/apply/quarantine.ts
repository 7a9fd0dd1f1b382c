/**
 * Loads a Ruleset although the kernel refuses a part of it. The Service ports at fault are found by
 * the line that the tool names, else by bisection; they keep their previous rules, all others are
 * loaded.
 */

import type { KernelState, LoadFault } from '../backends/kernel.js';
import { inputText, type LoadInput } from '../backends/transaction.js';
import type { Diagnostic } from '../diagnostics.js';
import { LoadError } from '../errors.js';
import type { FamilyPlan } from '../plan/types.js';
import type { Ruleset } from '../ruleset/types.js';
import { keepFailedInput } from './failed-input.js';
import { type LoadOutcome, type LoadTarget, loadRuleset, rollBack } from './load.js';

/** A Service port whose rules are not accepted. */
export interface Refusal {
  /** `namespace/name:port protocol`. */
  readonly origin: string;
  /** What the tool said. */
  readonly reason: string;
  /** The rule that it named; `''` where it named none. */
  readonly line: string;
  /** The file that the refused input is kept in; `''` where it could not be written. */
  readonly file: string;
}

export interface QuarantinedLoad {
  /** What the kernel holds now: the Ruleset, but for the refused ports. */
  readonly applied: Ruleset;
  readonly refused: readonly Refusal[];
  /** From what was there first to what is there now. */
  readonly plan: FamilyPlan;
  /** Inputs that were loaded, in order. */
  readonly sent: readonly LoadInput[];
}

export interface QuarantineTarget extends LoadTarget {
  /** Where refused inputs are kept. */
  readonly failedFolder: string;
}

// A broken template has every port refused.
const MOST_REFUSED = 50;
/** Each takes as long as a load. Bisection finds one bad port among n in 2 log2 n. */
const MOST_ATTEMPTS = 300;

/**
 * Loads what can be loaded. Throws {@link LoadError}, with the kernel as before, where what every
 * node has is refused, or nearly everything.
 */
export async function loadWithQuarantine(
  target: QuarantineTarget,
  kernel: KernelState,
  ruleset: Ruleset,
): Promise<QuarantinedLoad> {
  const search = new Bisection(target, kernel, ruleset);
  try {
    await search.run();
  } catch (error) {
    if (error instanceof LoadError && !(await rollBack(target, kernel))) throw partlyLoaded(error);
    throw error;
  }
  const applied = search.without(search.refusedOrigins());
  return {
    applied,
    refused: search.refused,
    plan: search.onlyPlan ?? kernel.rules.plan(applied),
    sent: search.sent,
  };
}

/** The diagnostics for refused ports: their Services are left out of this change. */
export function refusalDiagnostics(refused: readonly Refusal[]): readonly Diagnostic[] {
  return refused.map(({ origin, reason, line, file }) => {
    const [id = '', protocol = ''] = origin.split(' ');
    const [namespace = '', name = ''] = id.replace(/:.*$/, '').split('/');
    return {
      code: 'service-refused',
      severity: 'error',
      message: `the rules of ${id} (${protocol}) are refused and stay as they were: ${reason}${line === '' ? '' : `: ${line}`}`,
      object: { kind: 'Service', namespace, name },
      ...(file === '' ? {} : { hint: `the refused input is kept in ${file}` }),
    };
  });
}

function partlyLoaded(error: LoadError): LoadError {
  const { reason, line, file, hint } = error;
  const message = error.message.replace(
    'nothing was changed',
    'what was loaded before could not be undone',
  );
  return new LoadError(message, { reason, line, file }, { hint, cause: error });
}

type RefusedLoad = Extract<LoadOutcome, { kind: 'refused' }>;

class Bisection {
  readonly refused: Refusal[] = [];
  readonly sent: LoadInput[] = [];
  /** The plan, where the first load was accepted. */
  onlyPlan: FamilyPlan | undefined;
  readonly #target: QuarantineTarget;
  readonly #first: KernelState;
  readonly #ruleset: Ruleset;
  #now: KernelState;
  #attempts = 0;
  #file: string | undefined;

  constructor(target: QuarantineTarget, kernel: KernelState, ruleset: Ruleset) {
    this.#target = target;
    this.#first = kernel;
    this.#now = kernel;
    this.#ruleset = ruleset;
  }

  /**
   * Loads everything, then everything but the ports that the tool names. Where it names none, goes
   * on by bisection.
   */
  async run(): Promise<void> {
    for (;;) {
      const fault = await this.#load(this.refusedOrigins());
      if (fault === undefined) return;
      const named = this.#namedPorts(fault);
      if (named.size === 0) {
        await this.#halve(fault);
        return this.#blameFrame(fault);
      }
      for (const [origin, line] of named) await this.#refuse(origin, fault, line);
    }
  }

  /** The Ruleset in which these ports have what they had in the beginning. */
  without(origins: ReadonlySet<string>): Ruleset {
    return this.#first.rules.keepAsItWas(this.#ruleset, origins);
  }

  refusedOrigins(): ReadonlySet<string> {
    return new Set(this.refused.map(({ origin }) => origin));
  }

  /** Everything but some ports. */
  async #load(left: ReadonlySet<string>): Promise<LoadFault | undefined> {
    const outcome = await loadRuleset(this.#target, this.#now, this.without(left));
    this.#attempts++;
    if (outcome.kind === 'loaded') {
      if (this.#attempts === 1 && outcome.before === this.#first) this.onlyPlan = outcome.plan;
      if (outcome.sent.length === 0) return undefined;
      this.sent.push(outcome.sent);
      this.#now = await this.#readBack();
      return undefined;
    }
    this.#now = outcome.now;
    await this.#keep(outcome);
    if (this.#attempts > MOST_ATTEMPTS)
      throw this.#error(outcome.fault, `after ${MOST_ATTEMPTS} attempts rules are still refused`);
    return outcome.fault;
  }

  /** Needed only while a bisection goes on. */
  async #readBack(): Promise<KernelState> {
    if (this.#file === undefined) return this.#now;
    const { host, backend, signal } = this.#target;
    return backend.kernel.readAgain(host, this.#first, { signal });
  }

  async #keep({ sent }: RefusedLoad): Promise<void> {
    this.#file ??= await keepFailedInput(
      this.#target.host,
      this.#target.failedFolder,
      this.#first.family,
      inputText(sent),
    );
  }

  /** The ports whose lines are named, each with its line. */
  #namedPorts({ lines }: LoadFault): ReadonlyMap<string, string> {
    const known = this.refusedOrigins();
    const found = new Map<string, string>();
    for (const line of lines) {
      const owner = this.#ruleset.ports.find(
        ({ origin, text }) => !known.has(origin) && `\n${text}`.includes(`\n${line}\n`),
      );
      if (owner !== undefined) found.set(owner.origin, line);
    }
    return found;
  }

  /** Loads the changed ports part by part, on top of those that were accepted. */
  async #halve(fault: LoadFault): Promise<void> {
    const suspects = this.#ruleset.ports.map(({ origin }) => origin);
    const changed = this.#changed(suspects);
    const frame = await this.#load(new Set([...this.refusedOrigins(), ...changed]));
    if (frame !== undefined || changed.length === 0)
      throw this.#error(frame ?? fault, 'the rules that every node has are refused');
    const waiting = new Set(changed);
    const loadPart = async (origins: readonly string[]): Promise<void> => {
      const now = new Set(origins);
      const left = [...waiting].filter((origin) => !now.has(origin));
      const found = await this.#load(new Set([...this.refusedOrigins(), ...left]));
      const [only] = origins;
      if (found === undefined) for (const origin of origins) waiting.delete(origin);
      else if (origins.length === 1 && only !== undefined)
        await this.#refuse(only, found, found.lines[0] ?? '');
      else {
        const middle = Math.ceil(origins.length / 2);
        await loadPart(origins.slice(0, middle));
        await loadPart(origins.slice(middle));
      }
    };
    await loadPart(changed);
  }

  /** If no Service at all is accepted, the node's own rules are at fault. */
  #blameFrame(fault: LoadFault): void {
    const { length } = this.#ruleset.ports;
    if (length > 1 && this.refused.length === length)
      throw this.#error(fault, 'no Service is accepted beside the rules that every node has');
  }

  /** Ports whose rules change; others are in the kernel already. */
  #changed(origins: readonly string[]): readonly string[] {
    const plan = this.#first.rules.plan(this.without(this.refusedOrigins()));
    const touched = new Set(
      plan.changes.flatMap(({ origin, rules }) => [origin, ...rules.map((rule) => rule.origin)]),
    );
    const known = this.refusedOrigins();
    return origins.filter((origin) => touched.has(origin) && !known.has(origin));
  }

  async #refuse(origin: string, fault: LoadFault, line: string): Promise<void> {
    this.refused.push({ origin, reason: fault.reason, line, file: this.#file ?? '' });
    if (this.refused.length > MOST_REFUSED)
      throw this.#error(fault, `the rules of more than ${MOST_REFUSED} Service ports are refused`);
  }

  #error({ reason, lines }: LoadFault, what: string): LoadError {
    const [line = ''] = lines;
    const file = this.#file ?? '';
    const said = [reason, line].filter((part) => part !== '').join(': ');
    return new LoadError(
      `${what}, nothing was changed (${this.#first.family}): ${said}`,
      { reason, line, file },
      { hint: file === '' ? '' : `the refused input is kept in ${file}` },
    );
  }
}

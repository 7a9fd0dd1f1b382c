/** The stages of an apply, in the only order that never exposes an unguarded state. */

import type { Diagnostic } from '../diagnostics.js';
import { systemClock } from '../host/clock.js';

/** What each stage does. */
export interface Stages<T> {
  /**
   * Sets what rules refer to (`before` the load: nfacct objects), then what rules must guard first
   * (`after` it: route_localnet). What cannot be set is a diagnostic.
   */
  readonly settings: (when: 'before' | 'after') => Promise<readonly Diagnostic[]>;
  /** Loads the rules. */
  readonly load: () => Promise<T>;
  /** Reads back what was loaded; throws VerifyError. */
  readonly verify?: ((loaded: T) => Promise<void>) | undefined;
  /** Deletes the tracked flows that the new rules made stale. */
  readonly flows?: ((loaded: T) => Promise<readonly Diagnostic[]>) | undefined;
}

/** The outcome of the stages. */
export interface Staged<T> {
  readonly loaded: T;
  /** Of the settings and the flows, in order. */
  readonly diagnostics: readonly Diagnostic[];
  /** Milliseconds of settings and load together, and of reading back. */
  readonly times: { readonly load: number; readonly verify: number };
}

/** Runs the stages. A stage that throws ends the apply; those before it stay done. */
export async function runStages<T>(stages: Stages<T>): Promise<Staged<T>> {
  const started = systemClock.now();
  const before = await stages.settings('before');
  const loaded = await stages.load();
  const after = await stages.settings('after');
  const done = systemClock.now();
  await stages.verify?.(loaded);
  const verified = systemClock.now();
  const flows = (await stages.flows?.(loaded)) ?? [];
  return {
    loaded,
    diagnostics: [...before, ...after, ...flows],
    times: { load: done - started, verify: verified - done },
  };
}

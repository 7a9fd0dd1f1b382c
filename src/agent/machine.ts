/** The settings of this machine that rules need, for all families together. */

import { applySettings, planSettings } from '../apply/host-settings.js';
import { mutex } from '../apply/mutex.js';
import { BACKENDS } from '../backends/index.js';
import type { HostFacts, ProxyConfig } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import { systemClock } from '../host/clock.js';
import type { Host } from '../host/host.js';
import type { NodeContext } from '../model/types.js';
import type { BackendName, Ruleset } from '../ruleset/types.js';

/**
 * Settings belong to the machine, not to a family, so that two families must not set them at once.
 */
export class MachineSettings {
  readonly #host: Host;
  readonly #config: ProxyConfig;
  readonly #mutex = mutex();

  constructor(host: Host, config: ProxyConfig) {
    this.#host = host;
    this.#config = config;
  }

  /** Plans and applies the settings of one stage; what cannot be set is a diagnostic. */
  set(
    when: 'before' | 'after',
    ruleset: Ruleset,
    { localhostNodePorts }: NodeContext,
  ): Promise<readonly Diagnostic[]> {
    const need = { config: this.#config, rulesets: [ruleset], localhostNodePorts };
    return this.#mutex(async () =>
      applySettings(this.#host, await planSettings(this.#host, need), when),
    );
  }
}

/** Watches the interfaces of this machine, and runs the tools only after one changed. */
export class HostFactsWatcher {
  readonly #host: Host;
  readonly #mode: BackendName;
  #facts: HostFacts;
  #seen: string;

  constructor(host: Host, mode: BackendName, facts: HostFacts) {
    this.#host = host;
    this.#mode = mode;
    this.#facts = facts;
    this.#seen = interfacesOf(host);
  }

  get current(): HostFacts {
    return this.#facts;
  }

  /**
   * Compares the interfaces every `period` milliseconds until the signal, and calls `changed` when
   * their addresses have changed.
   */
  async follow(period: number, changed: () => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await systemClock.sleep(period, signal);
      if (signal.aborted || interfacesOf(this.#host) === this.#seen) continue;
      this.#seen = interfacesOf(this.#host);
      const { facts } = await BACKENDS[this.#mode].kernel
        .facts(this.#host, { layout: 'kube-proxy', signal })
        .catch(() => ({
          facts: this.#facts,
        }));
      this.#facts = { ...this.#facts, interfaces: facts.interfaces };
      changed();
    }
  }
}

function interfacesOf(host: Host): string {
  return JSON.stringify(host.interfaces());
}

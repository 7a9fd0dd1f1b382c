/** The settings of this machine that rules need, for all families together. */

import { applySettings, planSettings } from '../apply/host-settings.js';
import { mutex } from '../apply/mutex.js';
import type { HostFacts, ProxyConfig } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import { systemClock } from '../host/clock.js';
import { listInterfaces } from '../host/facts.js';
import type { Host } from '../host/host.js';
import type { NodeContext } from '../model/types.js';
import type { Ruleset } from '../ruleset/types.js';

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

/**
 * The facts of this machine, whose interfaces are kept up to date. Runs `ip` after one changed, as
 * with every Pod that comes or goes, and no other tool.
 */
export class HostFactsWatcher {
  readonly #host: Host;
  #facts: HostFacts;
  #seen: string;

  constructor(host: Host, facts: HostFacts) {
    this.#host = host;
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
      const { found } = await listInterfaces(this.#host);
      this.#facts = { ...this.#facts, interfaces: found };
      changed();
    }
  }
}

function interfacesOf(host: Host): string {
  return JSON.stringify(host.interfaces());
}

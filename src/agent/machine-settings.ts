/** The settings of this machine that rules need, for all families together. */

import { applySettings, planSettings } from '../apply/host-settings.js';
import { mutex } from '../apply/mutex.js';
import type { ProxyConfig } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import type { Host } from '../host/host.js';
import type { NodeContext } from '../model/types.js';
import type { Ruleset } from '../ruleset/types.js';

/** Settings belong to the machine, not to a family, so that two families must not set them at once. */
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

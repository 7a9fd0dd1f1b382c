/** Keeps the settings of this machine that rules need, for all families together and one at a time. */

import { applySettings, planSettings } from '../apply/host-settings.js';
import { oneAtATime } from '../apply/one-at-a-time.js';
import type { ProxyConfig } from '../config/types.js';
import type { Diagnostic } from '../diagnostics.js';
import type { Host } from '../host/host.js';
import type { NodeContext } from '../model/types.js';
import type { Ruleset } from '../ruleset/types.js';

/** Settings belong to the machine, not to a family: two families that set them at once would trip over each other. */
export class MachineSettings {
  readonly #host: Host;
  readonly #config: ProxyConfig;
  readonly #inTurn = oneAtATime();

  constructor(host: Host, config: ProxyConfig) {
    this.#host = host;
    this.#config = config;
  }

  /** What rules refer to; what cannot be set is a diagnostic. */
  before(ruleset: Ruleset, context: NodeContext): Promise<readonly Diagnostic[]> {
    return this.#set('before', ruleset, context);
  }

  /** What must not be set before the rules that guard it are there. */
  after(ruleset: Ruleset, context: NodeContext): Promise<readonly Diagnostic[]> {
    return this.#set('after', ruleset, context);
  }

  #set(
    when: 'before' | 'after',
    ruleset: Ruleset,
    { localhostNodePorts }: NodeContext,
  ): Promise<readonly Diagnostic[]> {
    const need = { config: this.#config, rulesets: [ruleset], localhostNodePorts };
    return this.#inTurn(async () =>
      applySettings(this.#host, await planSettings(this.#host, need), when),
    );
  }
}

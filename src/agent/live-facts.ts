/** The facts of this machine as they are now: addresses come and go while an agent runs, and node ports answer on them. */

import { setTimeout as sleep } from 'node:timers/promises';
import { BACKENDS } from '../backends/index.js';
import type { HostFacts } from '../config/types.js';
import type { Host } from '../host/host.js';
import type { BackendName } from '../ruleset/types.js';

/** Looks cheaply, and asks the tools only after something changed. */
export class LiveFacts {
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

  /** Looks every `period` milliseconds until the signal, and calls `changed` where addresses are others. */
  async follow(period: number, changed: () => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(period, undefined, { signal }).catch(() => {});
      if (signal.aborted || interfacesOf(this.#host) === this.#seen) continue;
      this.#seen = interfacesOf(this.#host);
      const { facts } = await BACKENDS[this.#mode].kernel
        .facts(this.#host, { signal })
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

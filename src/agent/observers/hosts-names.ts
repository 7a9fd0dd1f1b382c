/** Keeps the names of Services in a hosts file, so that programs of this machine find them. */

import { changeHostsBlock } from '../../apply/hosts-block.js';
import type { Diagnostic } from '../../diagnostics.js';
import { hostsLines } from '../../dns/hosts-block.js';
import { dnsRecords } from '../../dns/records.js';
import { messageOf } from '../../errors.js';
import type { Family } from '../../net/ip.js';
import type { NamespacedName, Snapshot } from '../../snapshot/types.js';

export interface HostsNamesOptions {
  readonly path: string;
  readonly domain: string;
  readonly families: readonly Family[];
  /** Milliseconds between two looks at the same change, and before a retry; 1000 where absent. */
  readonly every?: number;
  /** Called when the file cannot be read or replaced. */
  readonly noticed: (diagnostics: readonly Diagnostic[]) => void;
}

/** What a sync applied. */
interface Applied {
  readonly snapshot: Snapshot;
  readonly incomplete: ReadonlySet<NamespacedName>;
}

/**
 * Follows what was applied. Changes that come together are one write, a failed write is tried
 * again, and a block that somebody else changed is mended by the next sync.
 */
export class HostsNames {
  readonly #options: HostsNamesOptions;
  #wanted: Applied | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #lastFault = '';
  #closed = false;

  constructor(options: HostsNamesOptions) {
    this.#options = options;
  }

  /** Schedules a write of the names of what was applied. */
  applied(applied: Applied): void {
    this.#wanted = applied;
    if (this.#closed || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#writing = this.#writing.then(() => this.#write());
    }, this.#options.every ?? 1000);
    // Does not keep the process alive; close() writes the rest.
    this.#timer.unref();
  }

  /** Writes what is not in the file yet. The block stays, as the rules do. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#writing;
    await this.#write();
  }

  async #write(): Promise<void> {
    const applied = this.#wanted;
    if (applied === undefined) return;
    this.#wanted = undefined;
    const { path, domain, families } = this.#options;
    const { snapshot, incomplete } = applied;
    const lines = hostsLines(dnsRecords(snapshot, families).records, domain);
    try {
      await changeHostsBlock(path, lines, { services: incomplete, known: snapshot.services });
      this.#lastFault = '';
    } catch (error) {
      this.#failed(messageOf(error));
      this.applied(this.#wanted ?? applied);
    }
  }

  /** Says each fault once, however often it is met. */
  #failed(message: string): void {
    if (message === this.#lastFault) return;
    this.#lastFault = message;
    this.#options.noticed([{ code: 'hosts-file-not-written', severity: 'warning', message }]);
  }
}

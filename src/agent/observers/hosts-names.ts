/** Keeps the names of Services in a hosts file, so that programs of this machine find them. */

import { changeHostsBlock } from '../../apply/hosts-block.js';
import type { Diagnostic } from '../../diagnostics.js';
import { hostsLines } from '../../dns/hosts-block.js';
import { dnsRecords } from '../../dns/records.js';
import { messageOf } from '../../errors.js';
import type { Family } from '../../net/ip.js';
import type { NamespacedName, Snapshot } from '../../snapshot/types.js';
import { LatestWriter } from './latest-writer.js';

export interface HostsNamesOptions {
  readonly path: string;
  readonly domain: string;
  readonly families: readonly Family[];
  /** Milliseconds between two writes at least, and before a retry; 1000 where absent. */
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
 * Follows what was applied. Changes within a second are one write, a failed write is tried again,
 * and a block that another program changed is repaired by the next sync.
 */
export class HostsNames {
  readonly #options: HostsNamesOptions;
  readonly #writer: LatestWriter<Applied>;
  #lastFault = '';

  constructor(options: HostsNamesOptions) {
    const { every = 1000 } = options;
    this.#options = options;
    this.#writer = new LatestWriter({ every, write: (applied) => this.#write(applied) });
  }

  /** Schedules a write of the names of what was applied. */
  applied(applied: Applied): void {
    this.#writer.set(applied);
  }

  /** Writes what is not in the file yet. The block stays, as the rules do. */
  close(): Promise<void> {
    return this.#writer.close();
  }

  async #write({ snapshot, incomplete }: Applied): Promise<boolean> {
    const { path, domain, families } = this.#options;
    const lines = hostsLines(dnsRecords(snapshot, families).records, domain);
    try {
      await changeHostsBlock(path, lines, { services: incomplete, known: snapshot.services });
      this.#lastFault = '';
      return true;
    } catch (error) {
      this.#failed(messageOf(error));
      return false;
    }
  }

  /** Says each fault once, however often it is met. */
  #failed(message: string): void {
    if (message === this.#lastFault) return;
    this.#lastFault = message;
    this.#options.noticed([{ code: 'hosts-file-not-written', severity: 'warning', message }]);
  }
}

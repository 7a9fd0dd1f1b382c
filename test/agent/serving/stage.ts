/** Reports of syncs that took place nowhere, and ports that close with their test. */

import type { SyncFailure, SyncReport } from '../../../src/agent/observer.js';
import { type Answerer, answering } from '../../../src/agent/serving/answer.js';
import { Connections, keepPort } from '../../../src/agent/serving/port.js';
import { compileSnapshot, type Family, loadSnapshot } from '../../../src/index.js';
import type { Ip } from '../../../src/net/ip.js';

const EMPTY = loadSnapshot([{ name: 'none', text: '' }]).snapshot;

/** A good sync of an empty cluster, but for what is given. */
export function report(family: Family, fields: Partial<SyncReport> = {}): SyncReport {
  const { model, ruleset } = compileSnapshot(EMPTY, family, {});
  return {
    ...{ family, kind: 'full', seconds: 0.05, snapshot: EMPTY, model, ruleset },
    ...{ verified: false, triggered: [], diagnostics: [], incomplete: new Set() },
    result: {
      family,
      plan: {
        ...{ family, backend: 'iptables', base: '' },
        ...{ changes: [], leftovers: [], uncommented: [], comments: [], pinned: [] },
      },
      ...{ sent: [], refused: [], diagnostics: [], from: 'kernel' },
    },
    ...fields,
  };
}

/** A sync that failed. */
export function failure(family: Family, kind: 'full' | 'partial' = 'full'): SyncFailure {
  return { family, kind, seconds: 0.05, error: new Error('exit status 4'), retryAfter: 1000 };
}

/** Runs servers for one test. */
export class Stage {
  readonly #ending = new AbortController();
  readonly #closed: Promise<unknown>[] = [];

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Something that ends with the signal. */
  keep(running: Promise<unknown>): void {
    this.#closed.push(running);
  }

  /** The port on 127.0.0.1 at which an answerer answers. */
  serve(answerer: Answerer, limit?: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const address = { ip: LOOPBACK, port: 0 };
      const running = keepPort(
        {
          ...{ address, hardFail: true, listener: answering(answerer), failed: reject },
          connections: new Connections(limit),
          opened: resolve,
        },
        this.signal,
      );
      this.keep(running.catch(reject));
    });
  }

  /** Fulfilled when all is closed. */
  async end(): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.#closed);
  }
}

export const LOOPBACK = '127.0.0.1' as Ip;

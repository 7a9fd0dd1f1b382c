/** A folder that is followed for the time of a test, and what the source reported. */

import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourceChange, SourceStatus } from '../../../src/agent/source.js';
import { folderSource } from '../../../src/agent/sources/folder-source.js';
import type { Diagnostic } from '../../../src/diagnostics.js';
import type { Snapshot } from '../../../src/snapshot/types.js';
import { until } from '../../support/until.js';

/** Long enough that nothing here is found by the poll, unless a test wants that. */
export const NEVER = 3_600_000;

export function manifest(name: string, ip = '10.96.0.1'): string {
  return `apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {clusterIP: ${ip}, clusterIPs: [${ip}], ports: [{port: 80}]}
`;
}

/** A running source, and what it reported. */
export class Following {
  readonly changes: SourceChange[] = [];
  readonly statuses: SourceStatus[] = [];
  readonly noticed: Diagnostic[] = [];
  readonly #stop = new AbortController();
  readonly #source: ReturnType<typeof folderSource>;
  readonly ended: Promise<void>;

  constructor(paths: readonly string[], poll: number = NEVER, recursive = false, watch = true) {
    this.#source = folderSource({
      paths,
      recursive,
      watch,
      serviceCidrs: [],
      times: { quiet: 20, poll },
    });
    this.ended = this.#source.run(
      {
        changed: (changes) => this.changes.push(...changes),
        status: (status) => this.statuses.push(status),
        noticed: (diagnostics) => this.noticed.push(...diagnostics),
      },
      this.#stop.signal,
    );
    this.ended.catch(() => {});
  }

  get snapshot(): Snapshot | undefined {
    return this.#source.state()?.snapshot;
  }

  get services(): string {
    return [...(this.snapshot?.services.keys() ?? [])].sort().join(' ');
  }

  get status(): string {
    return this.statuses.at(-1)?.state ?? '';
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    await until(
      holds,
      () => `${what}; ${this.services} ${this.status} ${JSON.stringify(this.noticed)}`,
    );
  }

  async has(services: string): Promise<void> {
    await this.until(services, () => this.services === services && this.status === 'following');
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.ended;
  }
}

/** A new folder for each test of a suite, and the source that follows it. */
export interface FollowedFolder {
  readonly root: string;
  readonly follow: (...args: ConstructorParameters<typeof Following>) => Following;
  readonly put: (name: string, text: string) => Promise<void>;
  /** Puts a file there at once: one that is being written may be read while it is empty. */
  readonly replace: (name: string, text: string) => Promise<void>;
}

export function followedFolder(): FollowedFolder {
  let root = '';
  let running: Following | undefined;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'vipc-folder-'));
  });
  afterEach(async () => {
    await running?.stop().catch(() => {});
    running = undefined;
    await rm(root, { recursive: true, force: true });
  });
  const put = (name: string, text: string): Promise<void> => writeFile(join(root, name), text);
  return {
    get root() {
      return root;
    },
    follow: (...args) => {
      running = new Following(...args);
      return running;
    },
    put,
    replace: async (name, text) => {
      await put(`${name}.tmp`, text);
      await rename(join(root, `${name}.tmp`), join(root, name));
    },
  };
}

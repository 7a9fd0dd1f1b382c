/** When a family is synced: gathered, spaced, repeated after a failure, and never before everything is known. */

import { expect } from 'chai';
import { FamilyLoop, type FamilyLoopOptions } from '../../src/agent/family-loop.js';
import type { FamilySynced } from '../../src/agent/family-sync.js';
import { observers, type SyncFailure, type SyncReport } from '../../src/agent/observer.js';
import type { SourceState } from '../../src/agent/source.js';
import type { HostFacts } from '../../src/config/types.js';
import { snapshotOf } from '../model/support.js';

const STATE: SourceState = { snapshot: snapshotOf(), incomplete: new Set() };
const FACTS: HostFacts = { nodeName: 'n', interfaces: [], nfacct: false };

/** A family whose syncs are scripted, and all that was seen of it. */
class Bench {
  readonly began: number[] = [];
  readonly synced: SyncReport[] = [];
  readonly failed: SyncFailure[] = [];
  readonly ended = new AbortController();
  forgotten = 0;
  most = 0;
  state: SourceState | undefined = STATE;
  /** What the next syncs do; those behind the end are fine. */
  readonly faults: (Error | undefined)[] = [];
  /** How long a sync takes. */
  lasting = 0;
  readonly loop: FamilyLoop;
  #now = 0;
  #waiting: (() => void)[] = [];

  constructor(over: Partial<FamilyLoopOptions> = {}) {
    this.loop = new FamilyLoop({
      sync: {
        family: 'IPv4',
        applier: undefined as never,
        isFull: false,
        sync: () => this.#sync(),
        reconcileFlows: async () => undefined,
        forget: () => {
          this.forgotten++;
        },
      },
      state: () => this.state,
      facts: () => FACTS,
      minSyncPeriod: 0,
      syncPeriod: 30,
      oneAtATime: (work) => work(),
      observer: observers([
        {
          synced: (report) => {
            this.synced.push(report);
            this.#tell();
          },
          failed: (failure) => {
            this.failed.push(failure);
            this.#tell();
          },
        },
      ]),
      signal: this.ended.signal,
      ...over,
    });
  }

  /** Waits for that many syncs, good or bad, since the beginning. */
  async until(count: number): Promise<void> {
    while (this.synced.length + this.failed.length < count)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #tell(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #sync(): Promise<FamilySynced> {
    this.began.push(performance.now());
    this.most = Math.max(this.most, ++this.#now);
    await new Promise((resolve) => setTimeout(resolve, this.lasting));
    this.#now--;
    const fault = this.faults.shift();
    if (fault !== undefined) throw fault;
    return { family: 'IPv4', kind: 'partial' } as FamilySynced;
  }
}

describe('FamilyLoop', () => {
  let bench: Bench;
  const start = (over?: Partial<FamilyLoopOptions>): Bench => {
    bench = new Bench(over);
    return bench;
  };
  afterEach(() => bench.ended.abort());

  it('makes one sync of whatever is asked for in one go', async () => {
    const { loop, synced } = start();
    for (const triggered of [1, 2, 3]) loop.request([triggered]);
    await bench.until(1);
    await loop.idle();
    expect(synced.map((report) => report.triggered)).to.deep.equal([[1, 2, 3]]);
  });

  it('never runs two at a time, and brings what was asked for meanwhile afterwards', async () => {
    const { loop, synced } = start();
    bench.lasting = 20;
    loop.request([1]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    loop.request([2]);
    loop.request([3]);
    await bench.until(2);
    expect(synced.map((report) => report.triggered)).to.deep.equal([[1], [2, 3]]);
    expect(bench.most).to.equal(1);
  });

  it('begins two syncs at least the minimum period apart', async () => {
    const { loop, began } = start({ minSyncPeriod: 60 });
    loop.request();
    await bench.until(1);
    loop.request();
    await bench.until(2);
    const [first = 0, second = 0] = began;
    // A timer of Node may fire a millisecond early.
    expect(second - first).to.be.at.least(59);
  });

  it('waits until everything is known', async () => {
    const { loop } = start();
    bench.state = undefined;
    loop.request([1]);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(bench.began).to.deep.equal([]);
    bench.state = STATE;
    loop.request([2]);
    await bench.until(1);
    expect(bench.synced.map((report) => report.triggered)).to.deep.equal([[1, 2]]);
  });

  it('tries again after a failure, from the kernel, with what was asked for', async () => {
    const { loop, failed, synced } = start();
    bench.faults.push(new Error('one'), new Error('two'));
    loop.request([1]);
    await bench.until(3);
    expect(failed.map(({ error }) => error.message)).to.deep.equal(['one', 'two']);
    expect(bench.forgotten).to.equal(2);
    expect(synced.map((report) => report.triggered)).to.deep.equal([[1]]);
  });

  it('waits longer from failure to failure, up to the sync period', async () => {
    const { loop, failed } = start({ syncPeriod: 3000 });
    bench.faults.push(new Error('one'), new Error('two'));
    loop.request();
    await bench.until(2);
    expect(failed.map(({ retryAfter }) => retryAfter)).to.deep.equal([1000, 2000]);
    expect(start({ syncPeriod: 30 }).failed).to.deep.equal([]);
    bench.faults.push(new Error('one'));
    bench.loop.request();
    await bench.until(1);
    expect(bench.failed.map(({ retryAfter }) => retryAfter)).to.deep.equal([30]);
  });

  it('a change does not shorten the wait after a failure', async () => {
    const { loop, failed } = start({ syncPeriod: 60 });
    bench.faults.push(new Error('one'));
    loop.request();
    await bench.until(1);
    for (let i = 0; i < 20; i++) loop.request();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(bench.began.length).to.equal(1);
    expect(failed.length).to.equal(1);
    await bench.until(2);
  });

  it('repairs from the kernel', async () => {
    const { loop } = start();
    loop.repair();
    await bench.until(1);
    expect(bench.forgotten).to.equal(1);
  });

  it('begins nothing after the signal, and finishes what it began', async () => {
    const { loop } = start();
    bench.lasting = 20;
    loop.request();
    await new Promise((resolve) => setTimeout(resolve, 5));
    bench.ended.abort();
    loop.request();
    await loop.idle();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(bench.began.length).to.equal(1);
    expect(bench.synced.length).to.equal(1);
  });
});

/**
 * When a family is synced, on a clock that the test moves: gathered, spaced, retried, never before
 * all is known.
 */

import { expect } from 'chai';
import { FamilyLoop, type FamilyLoopOptions } from '../../src/agent/family-loop.js';
import type { FamilySynced } from '../../src/agent/family-sync.js';
import {
  type FlowReport,
  observers,
  type SyncFailure,
  type SyncReport,
} from '../../src/agent/observer.js';
import type { SourceState } from '../../src/agent/source.js';
import type { HostFacts } from '../../src/config/types.js';
import { snapshotOf } from '../model/support.js';
import { FakeClock } from '../support/fake-clock.js';

const STATE: SourceState = { snapshot: snapshotOf(), incomplete: new Set() };
const FACTS: HostFacts = { nodeName: 'n', interfaces: [], nfacct: false };

/** Lets everything happen that waits for no time. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** A loop whose syncs end when the test says so. */
class ScriptedLoop {
  readonly clock = new FakeClock();
  /** When syncs started, in seconds. */
  readonly started: number[] = [];
  /** The families whose syncs were announced. */
  readonly announced: string[] = [];
  readonly synced: SyncReport[] = [];
  readonly failed: SyncFailure[] = [];
  readonly flows: FlowReport[] = [];
  readonly noticed: string[] = [];
  readonly ended = new AbortController();
  readonly killed = new AbortController();
  readonly loop: FamilyLoop;
  state: SourceState | undefined = STATE;
  isFull = false;
  forgotten = 0;
  asked = 0;
  sleeps = 0;
  #end: ((error?: Error) => void) | undefined;

  constructor(over: Partial<FamilyLoopOptions> = {}) {
    const { clock } = this;
    const self = this;
    this.loop = new FamilyLoop({
      sync: {
        family: 'IPv4',
        applier: undefined as never,
        get isFull() {
          return self.isFull;
        },
        sync: () => this.#sync(),
        reconcileFlows: async () => ({ family: 'IPv4', seconds: 0, deleted: 1, diagnostics: [] }),
        forget: () => {
          this.forgotten++;
        },
      },
      state: () => {
        this.asked++;
        return this.state;
      },
      facts: () => FACTS,
      minSyncPeriod: 1000,
      syncPeriod: 30_000,
      observer: observers([
        {
          started: (family) => this.announced.push(family),
          synced: (report) => this.synced.push(report),
          failed: (failure) => this.failed.push(failure),
          flows: (report) => this.flows.push(report),
          noticed: (found) => this.noticed.push(...found.map(({ code }) => code)),
        },
      ]),
      clock: {
        now: () => clock.now(),
        wall: () => clock.wall(),
        random: () => clock.random(),
        sleep: (milliseconds, signal) => {
          this.sleeps++;
          return clock.sleep(milliseconds, signal);
        },
      },
      signal: this.ended.signal,
      kill: this.killed.signal,
      ...over,
    });
  }

  /** Requests a sync and lets it start if it is due. */
  async request(...triggered: readonly number[]): Promise<void> {
    this.loop.request(triggered);
    await turn();
  }

  /** Ends the running sync. */
  async end(error?: Error): Promise<void> {
    expect(this.#end, 'a sync is running').to.not.equal(undefined);
    this.#end?.(error);
    await turn();
  }

  async pass(seconds: number): Promise<void> {
    this.clock.pass(seconds);
    await turn();
  }

  #sync(): Promise<FamilySynced> {
    expect(this.#end, 'one sync at a time').to.equal(undefined);
    this.started.push(this.clock.now() / 1000);
    return new Promise((resolve, reject) => {
      this.#end = (error) => {
        this.#end = undefined;
        if (error === undefined) resolve({ family: 'IPv4', kind: 'partial' } as FamilySynced);
        else reject(error);
      };
    });
  }
}

describe('FamilyLoop', () => {
  it('makes one sync of everything that is requested in one turn', async () => {
    const it = new ScriptedLoop();
    for (const time of [1, 2, 3]) it.loop.request([time]);
    await turn();
    await it.end();
    expect(it.synced.map(({ triggered }) => triggered)).to.deep.equal([[1, 2, 3]]);
    expect(it.started).to.deep.equal([0]);
    expect(it.announced).to.deep.equal(['IPv4']);
    expect(it.sleeps).to.equal(1);
  });

  it('syncs what is requested during a sync once, a minimum period after the start of the first', async () => {
    const it = new ScriptedLoop();
    await it.request(1);
    await it.pass(0.4);
    await it.request(2);
    await it.request(3);
    await it.end();
    await it.pass(0.5);
    expect(it.started).to.deep.equal([0]);
    await it.pass(0.1);
    expect(it.started).to.deep.equal([0, 1]);
    await it.end();
    expect(it.synced.map(({ triggered }) => triggered)).to.deep.equal([[1], [2, 3]]);
    await it.pass(100);
    expect(it.started).to.have.length(2);
  });

  it('syncs at once when the minimum period is over', async () => {
    const it = new ScriptedLoop();
    await it.request();
    await it.end();
    await it.pass(5);
    await it.request();
    expect(it.started).to.deep.equal([0, 5]);
  });

  it('starts nothing, and no timer, before the state is known, and asks for it no more afterwards', async () => {
    const it = new ScriptedLoop();
    it.state = undefined;
    await it.request(1);
    await it.pass(100);
    expect([it.started.length, it.sleeps, it.asked]).to.deep.equal([0, 0, 1]);
    it.state = STATE;
    await it.request(2);
    expect(it.started).to.deep.equal([100]);
    // Once to learn that it is known, once for the sync.
    expect(it.asked).to.equal(3);
    await it.end();
    expect(it.synced.map(({ triggered }) => triggered)).to.deep.equal([[1, 2]]);
    await it.request();
    expect(it.asked).to.equal(3);
  });

  it('starts nothing where the state is lost before the sync is due', async () => {
    const it = new ScriptedLoop();
    it.loop.request();
    it.state = undefined;
    await turn();
    expect([it.started, it.announced]).to.deep.equal([[], []]);
    it.state = STATE;
    await it.request();
    expect(it.started).to.deep.equal([0]);
  });

  it('retries after 1, 2, 4 s, from the kernel, with what was requested, and reports how long it took', async () => {
    const it = new ScriptedLoop();
    await it.request(1);
    await it.pass(0.25);
    await it.request(2);
    await it.end(new Error('one'));
    expect(it.forgotten).to.equal(1);
    await it.pass(0.9);
    expect(it.started).to.have.length(1);
    await it.pass(0.1);
    await it.end(new Error('two'));
    await it.pass(2);
    it.isFull = true;
    await it.end(new Error('three'));
    await it.pass(4);
    await it.end();
    expect(it.started).to.deep.equal([0, 1.25, 3.25, 7.25]);
    expect(
      it.failed.map(({ error, kind, retryAfter, seconds }) => [
        error.message,
        kind,
        retryAfter,
        seconds,
      ]),
    ).to.deep.equal([
      ['one', 'partial', 1000, 0.25],
      ['two', 'partial', 2000, 0],
      ['three', 'partial', 4000, 0],
    ]);
    expect(it.synced.map(({ triggered }) => triggered)).to.deep.equal([[1, 2]]);
  });

  it('says of a failed sync whether it started from the kernel', async () => {
    const it = new ScriptedLoop();
    it.isFull = true;
    await it.request();
    await it.end(new Error('one'));
    expect(it.failed[0]?.kind).to.equal('full');
  });

  it('waits no longer than the sync period, and from the beginning after a success', async () => {
    const it = new ScriptedLoop({ syncPeriod: 3000 });
    await it.request();
    for (const wait of [1000, 2000, 3000, 3000]) {
      await it.end(new Error('busy'));
      expect(it.failed.at(-1)?.retryAfter).to.equal(wait);
      await it.pass(wait / 1000);
    }
    await it.end();
    await it.request();
    await it.pass(1);
    await it.end(new Error('again'));
    expect(it.failed.at(-1)?.retryAfter).to.equal(1000);
  });

  it('a request does not shorten the wait after a failure', async () => {
    const it = new ScriptedLoop();
    await it.request();
    await it.end(new Error('one'));
    for (let i = 0; i < 20; i++) await it.request();
    await it.pass(0.99);
    expect(it.started).to.have.length(1);
    await it.pass(0.01);
    expect(it.started).to.have.length(2);
  });

  it('reports flows after the sync that they follow', async () => {
    const it = new ScriptedLoop();
    await it.request();
    await it.end();
    expect(it.flows.map(({ deleted }) => deleted)).to.deep.equal([1]);
  });

  it('repairs from the kernel', async () => {
    const it = new ScriptedLoop();
    it.loop.repair();
    await turn();
    expect([it.forgotten, it.started.length]).to.deep.equal([1, 1]);
  });

  it('starts nothing after the signal, reports no failure, and is idle when the running sync has ended', async () => {
    const it = new ScriptedLoop();
    await it.request();
    it.ended.abort();
    await it.request();
    let isIdle = false;
    void it.loop.idle().then(() => {
      isIdle = true;
    });
    await turn();
    expect(isIdle).to.equal(false);
    await it.end(new Error('killed'));
    expect(isIdle).to.equal(true);
    await it.pass(100);
    expect([it.started.length, it.failed.length]).to.deep.equal([1, 0]);
    expect(it.noticed).to.deep.equal([]);
  });

  it('says that a sync was cut', async () => {
    const it = new ScriptedLoop();
    await it.request();
    it.ended.abort();
    it.killed.abort();
    await it.end(new Error('killed'));
    expect(it.noticed).to.deep.equal(['load-cut']);
    expect(it.failed).to.deep.equal([]);
  });

  it('is not started by a signal during the wait', async () => {
    const it = new ScriptedLoop();
    await it.request();
    await it.end();
    await it.request();
    it.ended.abort();
    await turn();
    expect(it.started).to.have.length(1);
  });
});

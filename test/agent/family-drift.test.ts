/** When the kernel is checked, how deeply, and what follows from the outcome. */

import { expect } from 'chai';
import { FamilyDrift, type FamilyDriftOptions } from '../../src/agent/family-drift.js';
import { type DriftFailure, observers } from '../../src/agent/observer.js';
import { mutex } from '../../src/apply/mutex.js';
import type { DriftDepth, DriftReport } from '../../src/drift/types.js';
import { ToolError } from '../../src/errors.js';
import type { Clock } from '../../src/host/clock.js';
import { FakeClock } from '../support/fake-clock.js';

const SYNC_PERIOD = 30_000;

/** A clock on which every sleep is over at once. */
function impatientClock(): Clock {
  const clock = new FakeClock();
  const now = (): number => clock.now();
  const sleep = async (milliseconds: number): Promise<void> => clock.pass(milliseconds / 1000);
  return { now, wall: now, sleep, random: () => 0 };
}

interface Outcome {
  /** The checks made and when they began, in seconds. */
  readonly made: readonly (readonly [DriftDepth, number])[];
  readonly reports: readonly DriftReport[];
  readonly failures: readonly DriftFailure[];
  readonly repairs: number;
}

/** Runs until that many checks were made; each finds what `script` gives. */
async function run(
  count: number,
  script: (depth: DriftDepth, nth: number) => number | Error | undefined,
  drift: Partial<FamilyDriftOptions['drift']> = {},
): Promise<Outcome> {
  const ended = new AbortController();
  const clock = impatientClock();
  const made: [DriftDepth, number][] = [];
  const reports: DriftReport[] = [];
  const failures: DriftFailure[] = [];
  let repairs = 0;
  const check = (depth: DriftDepth) => async (): Promise<DriftReport | undefined> => {
    made.push([depth, clock.now() / 1000]);
    if (made.length > count) ended.abort();
    const found = script(depth, made.length);
    if (found instanceof Error) throw found;
    if (found === undefined) return undefined;
    return { family: 'IPv4', check: depth, seconds: 0, findings: [], count: found, repair: false };
  };
  await new FamilyDrift({
    drift: { policy: 'repair', interval: 600_000, watch: false, ...drift },
    loop: {
      family: 'IPv4',
      repair: () => {
        repairs++;
      },
    },
    watch: { quick: check('quick'), chains: check('chains'), full: check('full') },
    syncPeriod: SYNC_PERIOD,
    kernelMutex: mutex(),
    observer: observers([
      { drift: (one) => reports.push(one), driftFailed: (one) => failures.push(one) },
    ]),
    clock,
    signal: ended.signal,
  }).run();
  return { made: made.slice(0, count), reports, failures, repairs };
}

describe('FamilyDrift', () => {
  it('makes a quick check and one of some chains in every sync period', async () => {
    const { made, reports, repairs } = await run(4, () => 0);
    expect(made).to.deep.equal([
      ['quick', 30],
      ['chains', 30],
      ['quick', 60],
      ['chains', 60],
    ]);
    expect(reports.map(({ check }) => check)).to.deep.equal(['quick', 'chains', 'quick', 'chains']);
    expect(repairs).to.equal(0);
  });

  it('makes a full check in place of the chains when the interval is over', async () => {
    const { made } = await run(8, () => 0, { interval: 60_000 });
    expect(made.filter(([depth]) => depth !== 'quick')).to.deep.equal([
      ['chains', 30],
      ['full', 60],
      ['chains', 90],
      ['full', 120],
    ]);
  });

  it('makes a full check that failed again with the next period', async () => {
    const fault = new ToolError('nft does not answer', 'nft');
    const script = (depth: DriftDepth, nth: number) => (depth === 'full' && nth < 5 ? fault : 0);
    const { made } = await run(8, script, { interval: 60_000 });
    expect(made.filter(([depth]) => depth !== 'quick')).to.deep.equal([
      ['chains', 30],
      ['full', 60],
      ['full', 90],
      ['chains', 120],
    ]);
  });

  it('repairs what a quick check finds, and compares no deeper in that period', async () => {
    const { made, repairs, reports } = await run(3, (_, nth) => (nth === 1 ? 3 : 0));
    expect(made).to.deep.equal([
      ['quick', 30],
      ['quick', 60],
      ['chains', 60],
    ]);
    expect(repairs).to.equal(1);
    expect(reports[0]?.count).to.equal(3);
  });

  it('only reports where that is the policy', async () => {
    const { repairs, reports } = await run(3, () => 1, { policy: 'report' });
    expect([reports.length, repairs]).to.deep.equal([3, 0]);
  });

  it('makes no check where it is off', async () => {
    const { made } = await run(0, () => 0, { policy: 'off', interval: 0 });
    expect(made).to.deep.equal([]);
  });

  it('reports a check that failed, repairs nothing, and makes the next one', async () => {
    const error = new ToolError('nft does not answer', 'nft', { hint: 'install nftables' });
    const { made, failures, repairs } = await run(3, (depth) => (depth === 'quick' ? error : 0));
    expect(made.map(([depth]) => depth)).to.deep.equal(['quick', 'chains', 'quick']);
    expect(failures).to.deep.equal([
      { family: 'IPv4', check: 'quick', error },
      { family: 'IPv4', check: 'quick', error },
    ]);
    expect(repairs).to.equal(0);
  });

  it('reports nothing where there is nothing to compare with', async () => {
    const { reports, failures, repairs } = await run(4, () => undefined);
    expect([reports.length, failures.length, repairs]).to.deep.equal([0, 0, 0]);
  });
});

/** When the kernel is looked at, how deep, and what follows from what is found. */

import { expect } from 'chai';
import { FamilyDrift, type FamilyDriftOptions } from '../../src/agent/family-drift.js';
import { observers } from '../../src/agent/observer.js';
import type { Diagnostic } from '../../src/diagnostics.js';
import type { DriftCheck, DriftReport } from '../../src/drift/types.js';
import { ToolError } from '../../src/errors.js';

/** Runs a loop until that many looks were taken, and tells what happened. */
async function looks(
  count: number,
  script: (check: DriftCheck, nth: number) => number | Error | undefined,
  drift: Partial<FamilyDriftOptions['drift']> = {},
): Promise<{
  readonly taken: readonly DriftCheck[];
  readonly told: readonly DriftReport[];
  readonly noticed: readonly Diagnostic[];
  readonly repairs: number;
}> {
  const ended = new AbortController();
  const taken: DriftCheck[] = [];
  const told: DriftReport[] = [];
  const noticed: Diagnostic[] = [];
  let repairs = 0;
  const look =
    (check: 'quick' | 'chains' | 'full') => async (): Promise<DriftReport | undefined> => {
      taken.push(check);
      const found = script(check, taken.length);
      // What the last look finds nobody hears any more.
      if (taken.length >= count) ended.abort();
      if (found instanceof Error) throw found;
      if (found === undefined) return undefined;
      return { family: 'IPv4', check, seconds: 0, findings: [], count: found, repair: false };
    };
  await new FamilyDrift({
    drift: { policy: 'repair', interval: 60_000, watch: false, ...drift },
    loop: {
      family: 'IPv4',
      repair: () => {
        repairs++;
      },
    },
    watch: { quick: look('quick'), chains: look('chains'), full: look('full') },
    syncPeriod: 1,
    observer: observers([
      { drift: (report) => told.push(report), noticed: (some) => noticed.push(...some) },
    ]),
    signal: ended.signal,
  }).run();
  return { taken, told, noticed, repairs };
}

describe('FamilyDrift', () => {
  it('takes a quick look and some chains in turn', async () => {
    const { taken, told, repairs } = await looks(4, () => 0);
    expect(taken).to.deep.equal(['quick', 'chains', 'quick', 'chains']);
    expect(told.map(({ check }) => check)).to.deep.equal(['quick', 'chains', 'quick']);
    expect(repairs).to.equal(0);
  });

  it('looks at every rule when the interval is over', async () => {
    const { taken } = await looks(4, () => 0, { interval: 0 });
    expect(taken).to.deep.equal(['quick', 'full', 'quick', 'full']);
  });

  it('repairs once what a quick look finds, and looks no deeper before', async () => {
    const { taken, repairs, told } = await looks(4, (_, nth) => (nth === 1 ? 3 : 0));
    expect(taken).to.deep.equal(['quick', 'quick', 'chains', 'quick']);
    expect(repairs).to.equal(1);
    expect(told[0]?.count).to.equal(3);
  });

  it('only reports where that is the policy', async () => {
    const { repairs, told } = await looks(3, () => 1, { policy: 'report' });
    expect(repairs).to.equal(0);
    expect(told.length).to.be.greaterThan(1);
  });

  it('never looks where it is off', async () => {
    const drift = { policy: 'off', interval: 0 };
    await new FamilyDrift({ drift } as FamilyDriftOptions).run();
  });

  it('a look that fails is no finding: it is told, and the next one comes', async () => {
    const fault = new ToolError('nft does not answer', 'nft', { hint: 'install nftables' });
    const { taken, noticed, repairs } = await looks(3, (check) => (check === 'quick' ? fault : 0));
    expect(taken).to.deep.equal(['quick', 'chains', 'quick']);
    expect(repairs).to.equal(0);
    expect(noticed[0]).to.deep.include({ code: 'drift-not-looked', hint: 'install nftables' });
    expect(noticed[0]?.message).to.include('nft does not answer');
  });

  it('nothing to compare with is nothing to tell', async () => {
    const { told, repairs } = await looks(4, () => undefined);
    expect([told.length, repairs]).to.deep.equal([0, 0]);
  });
});

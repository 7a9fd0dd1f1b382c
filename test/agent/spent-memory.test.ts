/** When memory is given back: after work that filled it, once, and not in its midst. */

import { expect } from 'chai';
import { collectGarbageAfterFullSync } from '../../src/agent/process.js';
import { collectGarbage } from '../../src/host/collect-garbage.js';
import { driftReport, syncReport } from './reports.js';

describe('collectGarbageAfterFullSync', () => {
  it('collects once, when the full syncs of both families are over', async () => {
    const collected: number[] = [];
    const observer = collectGarbageAfterFullSync(() => collected.push(1), 5);
    observer.synced?.(syncReport('IPv4'));
    observer.synced?.(syncReport('IPv6'));
    expect(collected).to.deep.equal([]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(collected).to.deep.equal([1]);
  });

  it('collects after a full check, and not after partial syncs and quick checks', async () => {
    const collected: string[] = [];
    const full = collectGarbageAfterFullSync(() => collected.push('full'), 1);
    full.drift?.({ ...driftReport(), check: 'full' });
    const daily = collectGarbageAfterFullSync(() => collected.push('daily'), 1);
    daily.synced?.({ ...syncReport(), kind: 'partial' });
    daily.drift?.(driftReport());
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(collected).to.deep.equal(['full']);
  });
});

describe('collectGarbage', () => {
  it('collects unreachable objects', async () => {
    const gone = new WeakRef({ text: 'x'.repeat(1000) });
    // A WeakRef that was just made or asked keeps its object to the end of the turn.
    await new Promise((resolve) => setTimeout(resolve, 1));
    collectGarbage();
    expect(gone.deref()).to.equal(undefined);
  });
});

import { expect } from 'chai';
import { timestamp } from '../../../src/agent/serving/answer.js';
import { ProxyHealth } from '../../../src/agent/serving/proxy-health.js';
import { FakeClock } from '../../support/fake-clock.js';
import { failure, report } from './stage.js';

describe('agent/serving/proxy-health', () => {
  let clock: FakeClock;
  let health: ProxyHealth;

  beforeEach(() => {
    clock = new FakeClock();
    health = new ProxyHealth({ families: ['IPv4', 'IPv6'], syncPeriod: 30_000, clock });
  });

  function syncBoth(seconds = 0): void {
    health.synced(report('IPv4', { seconds }));
    health.synced(report('IPv6', { seconds }));
  }

  it('is healthy for two periods after the start, and to the millisecond no longer', () => {
    clock.pass(59.999);
    expect(health.state().healthy).to.equal(true);
    clock.pass(0.001);
    expect(health.state().healthy).to.equal(false);
    syncBoth();
    expect(health.state().healthy).to.equal(true);
  });

  it('counts from the oldest request that is not done', () => {
    syncBoth();
    clock.pass(100);
    health.queued(['IPv4']);
    clock.pass(40);
    health.queued(['IPv4']);
    clock.pass(20);
    expect(health.state().status.get('IPv4')?.healthy).to.equal(false);
    expect(health.state().status.get('IPv6')?.healthy).to.equal(true);
  });

  it('a sync does not do what was asked for while it ran', () => {
    syncBoth();
    clock.pass(10);
    health.queued(['IPv4']);
    clock.pass(1);
    health.synced(report('IPv4', { seconds: 2 }));
    clock.pass(59);
    expect(health.state().healthy).to.equal(false);
    health.synced(report('IPv4', { seconds: 2 }));
    clock.pass(600);
    expect(health.state().healthy).to.equal(true);
  });

  it('a sync that failed is asked for until one is done, also if nobody asks', () => {
    syncBoth();
    clock.pass(10);
    health.failed(failure('IPv6'));
    clock.pass(59);
    expect(health.state().healthy).to.equal(true);
    health.failed(failure('IPv6'));
    clock.pass(1);
    expect(health.state().healthy).to.equal(false);
  });

  it('is independent of the wall clock', () => {
    syncBoth();
    health.queued(['IPv4']);
    clock.setWall(Date.parse('2030-01-01T00:00:00Z'));
    expect(health.state().healthy).to.equal(true);
    clock.setWall(0);
    clock.pass(60);
    expect(health.state().healthy).to.equal(false);
  });

  it('is ready when every family was loaded', () => {
    expect(health.readiness().reasons).to.deep.equal([
      'IPv4: nothing was loaded since the start',
      'IPv6: nothing was loaded since the start',
    ]);
    health.synced(report('IPv4'));
    expect(health.readiness().ready).to.equal(false);
    health.synced(report('IPv6'));
    expect(health.readiness()).to.deep.equal({ ready: true, reasons: [] });
  });

  it('is not ready while a family fails, while a sync is late, and while objects are stale for long', () => {
    syncBoth();
    health.failed(failure('IPv4'));
    expect(health.readiness().reasons).to.deep.equal(['IPv4: the last sync failed: exit status 4']);
    syncBoth();
    health.queued(['IPv6']);
    clock.pass(61);
    expect(health.readiness().reasons).to.deep.equal(['IPv6: a sync is 61 s late']);
    syncBoth();
    health.source({ kind: 'Service', state: 'stale', reason: 'a' });
    clock.pass(200);
    health.source({ kind: 'Service', state: 'stale', reason: 'b' });
    expect(health.readiness().ready).to.equal(true);
    clock.pass(100);
    expect(health.readiness().reasons).to.deep.equal(['Service objects are stale for 300 s: b']);
    health.source({ kind: 'Service', state: 'following', reason: '' });
    expect(health.readiness().ready).to.equal(true);
  });

  it('is not ready while a check for drift cannot compare the rules', () => {
    syncBoth();
    const drift = { seconds: 0, findings: [], count: 0, repair: false };
    const error = new Error('line 7: unknown statement');
    health.driftFailed({ family: 'IPv6', check: 'watch', error });
    health.driftFailed({ family: 'IPv6', check: 'full', error });
    health.drift({ ...drift, family: 'IPv4', check: 'full' });
    health.drift({ ...drift, family: 'IPv6', check: 'chains' });
    expect(health.readiness().reasons).to.deep.equal([
      'IPv6: the quick check cannot compare the rules: line 7: unknown statement',
      'IPv6: the full check cannot compare the rules: line 7: unknown statement',
    ]);
    health.drift({ ...drift, family: 'IPv6', check: 'quick' });
    health.drift({ ...drift, family: 'IPv6', check: 'full', count: 1 });
    expect(health.readiness()).to.deep.equal({ ready: true, reasons: [] });
  });

  it('writes times as Go does', () => {
    const known: readonly (readonly [string, string])[] = [
      ['2026-11-20T09:28:07.910Z', '2026-11-20T09:28:07.91Z'],
      ['2026-11-20T09:28:00.000Z', '2026-11-20T09:28:00Z'],
      ['2026-11-20T09:28:10.001Z', '2026-11-20T09:28:10.001Z'],
    ];
    for (const [text, written] of known) expect(timestamp(Date.parse(text))).to.equal(written);
  });
});

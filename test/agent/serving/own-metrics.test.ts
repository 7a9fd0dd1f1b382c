/** The metrics that kube-proxy does not have. */

import { expect } from 'chai';
import type { DriftCheck } from '../../../src/drift/types.js';
import { scraped, seriesValue } from './metric-text.js';
import { scene } from './metrics-scene.js';
import { report } from './stage.js';

describe('agent/serving/own-metrics', () => {
  it('counts drift by kind, also what the report leaves out', async () => {
    const on = scene('nftables');
    const finding = {
      family: 'IPv4',
      table: 'kube-proxy',
      chain: 'c',
      origin: '',
      line: '',
    } as const;
    on.metrics.observer.drift?.({
      ...{ family: 'IPv4', check: 'full', seconds: 1, repair: true, count: 10 },
      findings: [
        { ...finding, kind: 'chain' },
        { ...finding, kind: 'rule' },
      ],
    });
    on.metrics.observer.drift?.({
      ...{ family: 'IPv4', check: 'quick', seconds: 1, repair: false, count: 0, findings: [] },
    });
    const text = await on.metrics.text();
    const found = (kind: string): number | undefined =>
      seriesValue(text, `vipc_drift_findings_total{check="full",ip_family="IPv4",kind="${kind}"}`);
    expect([found('chain'), found('rule')]).to.deep.equal([1, 9]);
    for (const check of ['full', 'quick']) {
      const labels = `{check="${check}",ip_family="IPv4"}`;
      expect(seriesValue(text, `vipc_drift_checks_total${labels}`)).to.equal(1);
      expect(seriesValue(text, `vipc_drift_last_check_timestamp_seconds${labels}`)).to.equal(
        on.clock.wall() / 1000,
      );
    }
  });

  it('counts checks for drift that failed', async () => {
    const on = scene('nftables');
    const failed = { family: 'IPv6', check: 'full', error: new Error('no nft') } as const;
    on.metrics.observer.driftFailed?.(failed);
    on.metrics.observer.driftFailed?.(failed);
    const series = 'vipc_drift_check_failures_total{check="full",ip_family="IPv6"}';
    expect(seriesValue(await on.metrics.text(), series)).to.equal(2);
  });

  it('counts Services that the kernel refused, not their ports', async () => {
    const on = scene('iptables');
    const plain = report('IPv4');
    const refused = ['a/b:http TCP', 'a/b:dns UDP', 'a/c TCP'].map((origin) => ({
      ...{ origin, reason: 'r', line: '', file: '' },
    }));
    on.metrics.observer.synced?.({
      ...plain,
      verified: true,
      result: { ...plain.result, refused },
    });
    const text = await on.metrics.text();
    expect(seriesValue(text, 'vipc_quarantined_services{ip_family="IPv4"}')).to.equal(2);
    expect(seriesValue(text, 'vipc_last_verified_timestamp_seconds{ip_family="IPv4"}')).to.equal(
      on.clock.wall() / 1000,
    );
  });

  it('takes every rule for verified after a full check that found nothing', async () => {
    const on = scene('iptables');
    const series = 'vipc_last_verified_timestamp_seconds{ip_family="IPv6"}';
    const checked = (check: DriftCheck, count: number): void =>
      on.metrics.observer.drift?.({
        ...{ family: 'IPv6', check, seconds: 1, findings: [], count, repair: true },
      });
    checked('quick', 0);
    checked('full', 1);
    expect(await on.metrics.text()).to.not.include(series);
    on.clock.pass(5);
    checked('full', 0);
    expect(seriesValue(await on.metrics.text(), series)).to.equal(on.clock.wall() / 1000);
  });

  it('reports whether every kind is followed, and since when not', async () => {
    const on = scene('iptables');
    const { observer } = on.metrics;
    observer.source?.({ kind: 'Service', state: 'listing', reason: '' });
    observer.source?.({ kind: 'Service', state: 'following', reason: '' });
    on.clock.pass(5);
    observer.source?.({ kind: 'Service', state: 'stale', reason: 'a' });
    on.clock.pass(5);
    observer.source?.({ kind: 'Service', state: 'stale', reason: 'b' });
    on.clock.pass(2);
    const text = await on.metrics.text();
    expect(seriesValue(text, 'vipc_source_stale_seconds{kind="Service"}')).to.equal(7);
    expect(seriesValue(text, 'vipc_source_state{kind="Service",state="stale"}')).to.equal(1);
    expect(seriesValue(text, 'vipc_source_state{kind="Service",state="following"}')).to.equal(0);
    observer.source?.({ kind: 'Service', state: 'following', reason: '' });
    expect(
      seriesValue(await on.metrics.text(), 'vipc_source_stale_seconds{kind="Service"}'),
    ).to.equal(0);
  });

  it('reports how many removals are delayed', async () => {
    const on = scene('iptables');
    const value = async (): Promise<number | undefined> =>
      seriesValue(await on.metrics.text(), 'vipc_delayed_removals');
    expect(await value()).to.equal(0);
    const removals = { services: ['a/b', 'a/c'], gracePeriod: 30_000 };
    on.metrics.observer.removals?.({ ...removals, outcome: 'held' });
    expect(await value()).to.equal(2);
    on.metrics.observer.removals?.({ ...removals, outcome: 'restored' });
    expect(await value()).to.equal(0);
  });

  it('counts objects that are left out', async () => {
    const on = scene('iptables');
    const object = { kind: 'Service', namespace: 'a', name: 'b' };
    on.metrics.observer.noticed?.([
      { code: 'x', severity: 'error', message: 'm', object },
      { code: 'x', severity: 'warning', message: 'm', object },
      { code: 'x', severity: 'error', message: 'm' },
    ]);
    const text = await on.metrics.text();
    expect(seriesValue(text, 'vipc_objects_left_out_total{kind="Service"}')).to.equal(1);
  });

  it('reports version and mode, with the metrics of the process', async () => {
    const text = await scene('nftables').metrics.text();
    expect(seriesValue(text, 'vipc_build_info{mode="nftables",version="9.9.9"}')).to.equal(1);
    expect(seriesValue(text, 'process_start_time_seconds')).to.be.greaterThan(1e9);
    expect(seriesValue(text, 'process_resident_memory_bytes')).to.be.greaterThan(1e6);
    const names = [...scraped(text).keys()];
    expect(names).to.deep.equal(names.toSorted());
    for (const [name, { series, help }] of scraped(text)) {
      expect(series, name).to.not.deep.equal([]);
      expect(help, name).to.not.equal('');
    }
  });
});

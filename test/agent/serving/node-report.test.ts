import { expect } from 'chai';
import { NodeReport } from '../../../src/agent/serving/node-report.js';
import { defaultConfig } from '../../../src/config/defaults.js';
import type { Clock } from '../../../src/host/clock.js';
import { compileSnapshot, loadSnapshot } from '../../../src/index.js';
import { service, slice } from '../../support/cluster/small-cluster.js';
import { FakeClock } from '../../support/fake-clock.js';
import { type ReadReport, readReport } from '../../support/report/read-report.js';
import { driftReport, syncReport } from '../reports.js';
import { failure, report } from './stage.js';

/** The report of an agent in mode iptables. */
function nodeReport(clock: Clock = new FakeClock()): NodeReport {
  return new NodeReport({
    ...{ mode: 'iptables', profile: defaultConfig.profile, version: '1', clock },
  });
}

async function headOf(made: NodeReport): Promise<ReadReport['head']> {
  return readReport(await made.page()).head;
}

describe('agent/serving/node-report', () => {
  it('before the first sync: no Service, and what is waited for', async () => {
    const head = await headOf(nodeReport());
    expect([head.title, head.services, head.partSize]).to.deep.equal(['vipc agent', [], 0]);
    expect(head.tables.map(({ rows }) => rows)).to.deep.equal([[], [], []]);
  });

  it('has the Services of the last sync, and all of one when it is asked for', async () => {
    const made = nodeReport();
    made.observer.synced?.(syncReport());
    const head = await headOf(made);
    expect(head.title).to.equal('node n1');
    expect(head.services.map(([name, state, , , , used]) => [name, state, used])).to.deep.equal([
      ['default/web', 'ok', 3],
    ]);
    const detail = JSON.parse(made.service('default/web') ?? '');
    expect(detail.ports[0].endpoints).to.have.length(3);
    expect(detail.ports[0].rules.map(({ chain }: { chain: string }) => chain)).to.include(
      'KUBE-SERVICES',
    );
    expect(made.service('default/other')).to.equal(undefined);
  });

  it('has the last syncs, drift, and what the kernel refused', async () => {
    const made = nodeReport();
    made.observer.synced?.(syncReport());
    made.observer.drift?.(driftReport());
    made.observer.failed?.(failure('IPv6'));
    const { tables, findings } = await headOf(made);
    const [syncs, drift, refused] = tables.map(({ rows }) => rows.map(([, ...row]) => row));
    expect(syncs).to.deep.equal([
      ['IPv6', 'full', '50 ms', 'failed: exit status 4; again in 1 s'],
      ['IPv4', 'full', '12 ms', 'changed: 4'],
    ]);
    expect(drift).to.deep.equal([
      ['IPv4', 'quick', '3 ms', '2: nat - -A KUBE-SVC-X -j KUBE-SEP-Y, …; repaired by a sync'],
    ]);
    expect(refused?.[0]?.slice(0, 2)).to.deep.equal(['IPv4', 'no']);
    expect(findings.map(({ text }) => text)).to.deep.equal([
      'the last sync of IPv6 failed: exit status 4',
    ]);
    made.observer.synced?.(report('IPv6'));
    expect((await headOf(made)).findings).to.deep.equal([]);
  });

  it('a Service whose rules are refused has a problem, until they are taken', async () => {
    const made = nodeReport();
    const good = syncReport();
    const refused = [{ origin: 'default/web TCP', reason: 'no', line: '', file: '' }];
    made.observer.synced?.({ ...good, result: { ...good.result, refused } });
    expect((await headOf(made)).services[0]?.[1]).to.equal('problem');
    made.observer.synced?.(good);
    expect((await headOf(made)).services[0]?.[1]).to.equal('ok');
  });

  it('lets others have their turn while it makes the rows, and makes them once', async () => {
    const items = Array.from({ length: 100 }, (_, i) => [
      service(`web-${i}`, `10.96.1.${i}`),
      slice(`web-${i}`, [`10.0.1.${i}`]),
    ]).flat();
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    const { snapshot } = loadSnapshot([{ name: 'cluster', text }]);
    let time = 0;
    // Every look at the clock takes 3 ms: a page of 100 Services takes dozens of turns.
    const clock = Object.assign(new FakeClock(), { now: () => (time += 3) });
    const made = nodeReport(clock);
    made.observer.synced?.(report('IPv4', { snapshot, ...compileSnapshot(snapshot, 'IPv4', {}) }));
    let turns = 0;
    let isMade = false;
    const count = (): void => {
      turns += 1;
      if (!isMade) setImmediate(count);
    };
    setImmediate(count);
    const head = await headOf(made);
    isMade = true;
    expect(head.services).to.have.length(100);
    expect(turns).to.be.above(20);
  });
});
